import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** What a content security policy is to say of the scripts and styles that stand in a page itself. */
export interface InlineHashes {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

export const NOTHING_INLINE: InlineHashes = { scripts: [], styles: [] };

/** The hashes of a page in a file, which may be written anew meanwhile; none while there is no page. */
export function inlineHashesOf(path: string): () => InlineHashes {
  let known: { readonly at: number; readonly hashes: InlineHashes } | undefined;
  return () => {
    const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (at === undefined) return NOTHING_INLINE;
    if (known?.at !== at) known = { at, hashes: hashesIn(readFileSync(path, 'utf8')) };
    return known.hashes;
  };
}

export function hashesIn(page: string): InlineHashes {
  const hashesOf = (element: string) =>
    [...page.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))].map(([, content = '']) => {
      return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
    });
  return { scripts: hashesOf('script'), styles: hashesOf('style') };
}
