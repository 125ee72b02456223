/** Which addresses are the page's, of all below the folder that it lies in: others there are the server's business. */
export class PageAddresses {
  readonly #page: URL;

  /** `scope` is the page's folder, with a slash at its end. */
  constructor(scope: string) {
    this.#page = new URL(scope);
  }

  /** The page itself. Frames in pages of others have headers of their own, and are left to the server. */
  isPage(url: URL): boolean {
    const isThere = this.#pathsBelow(['', 'index.html']).includes(url.pathname);
    return this.#isSameOrigin(url) && isThere && !url.searchParams.has('embed');
  }

  /** A file that the build has written. */
  isOurs(url: URL): boolean {
    return this.#isSameOrigin(url) && url.pathname.startsWith(`${this.#page.pathname}assets/`);
  }

  isManifest(url: URL): boolean {
    const below = `${this.#page.pathname}models/`;
    return (
      this.#isSameOrigin(url) &&
      url.pathname.startsWith(below) &&
      /^[^/]+\/manifest\.json$/.test(url.pathname.slice(below.length))
    );
  }

  #pathsBelow(names: readonly string[]): readonly string[] {
    return names.map((name) => this.#page.pathname + name);
  }

  #isSameOrigin({ origin }: URL): boolean {
    return origin === this.#page.origin;
  }
}
