import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createStorage, type Storage } from 'unstorage';
import { DimeeError } from '../core/errors';
import type { Manifest } from '../core/model/manifest';
import { defaultFields, fieldTable } from '../core/view/fields';
import { type LinkContent, linkNotice, readLink, writeLink } from '../core/view/link';
import type { LinkShelf } from '../core/view/short-link';
import type { Environment } from './command-line';
import { driverOf, type LinkPlace } from './link-place';

/** Characters of an id: 72 bits, which no two links will share by chance. */
const ID_LENGTH = 12;

/** Links never go away by themselves, so a full folder takes no more. */
export class StoreFull extends Error {}

export interface LinkStoreOptions {
  readonly place: LinkPlace;
  /** Of a folder; what other stores hold is theirs to limit. */
  readonly maxBytes: number;
  readonly environment?: Environment;
}

/**
 * Links under names that are made of what they say, so that none can be changed. What it keeps it has read with the page's
 * own reader and written anew: nothing lies here that is no view of this page.
 */
export class LinkStore {
  /** Bytes in the folder, once they were counted. */
  #bytes: Promise<number> | undefined;

  private constructor(
    private readonly manifest: Manifest,
    private readonly storage: Storage<string>,
    private readonly options: LinkStoreOptions,
  ) {}

  /** @throws DimeeError `BAD_CONFIGURATION` where the place needs a package or a key that is not there. */
  static async open(manifest: Manifest, options: LinkStoreOptions): Promise<LinkStore> {
    const driver = await driverOf(options.place, options.environment ?? {});
    return new LinkStore(manifest, createStorage<string>({ driver }), options);
  }

  get shelf(): LinkShelf {
    return { keptIn: this.options.place.kind };
  }

  /**
   * The id of a link, which is kept from now on.
   * @throws DimeeError `BAD_INPUT` for what is no whole link of this page.
   * @throws StoreFull where there is no room for another.
   */
  async keep(hash: string): Promise<string> {
    const content = await readLink(hash, this.manifest);
    const notice = hash === '' ? 'There is no link in the request.' : linkNotice(content);
    if (notice !== undefined) throw new DimeeError('BAD_INPUT', notice);
    const canonical = await this.#canonical(content);
    const id = idOf(canonical);
    if ((await this.find(id)) !== undefined) return id;
    const bytes = Buffer.byteLength(canonical);
    await this.#takeRoom(bytes);
    try {
      await this.storage.setItem(id, canonical);
    } catch (error) {
      this.#bytes = this.#bytes?.then((sum) => sum - bytes);
      throw error;
    }
    return id;
  }

  /** The link of an id; undefined where there is none, or where it is no longer what it was. */
  async find(id: string): Promise<string | undefined> {
    const hash = await this.storage.getItem(id);
    return hash !== null && idOf(hash) === id ? hash : undefined;
  }

  close(): Promise<void> {
    return this.storage.dispose();
  }

  async #takeRoom(bytes: number): Promise<void> {
    const { place, maxBytes } = this.options;
    if (place.kind !== 'files') return;
    const before = await (this.#bytes ??= bytesIn(place.folder));
    if (before + bytes > maxBytes) throw new StoreFull();
    this.#bytes = this.#bytes.then((sum) => sum + bytes);
  }

  #canonical({ fields, parameters, parametersB, onlineParameters, results }: LinkContent): Promise<string> {
    const all = { ...defaultFields(fieldTable(this.manifest)), ...fields };
    return writeLink({ fields: all, parameters, parametersB, onlineParameters, results }, this.manifest);
  }
}

function idOf(hash: string): string {
  return createHash('sha256').update(hash).digest('base64url').slice(0, ID_LENGTH);
}

/** A folder that is not there yet has none. */
async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch((): string[] => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
