import { createHash } from 'node:crypto';
import { createStorage, type Storage } from 'unstorage';
import files from 'unstorage/drivers/fs-lite';
import memory from 'unstorage/drivers/lru-cache';
import { DimeeError } from '../core/errors';
import type { Manifest } from '../core/model/manifest';
import { defaultFields, fieldTable } from '../core/view/fields';
import { type LinkContent, linkNotice, readLink, writeLink } from '../core/view/link';
import type { LinkShelf } from '../core/view/short-link';

/** Characters of an id: 72 bits, which no two links will share by chance. */
const ID_LENGTH = 12;
const MAX_IN_MEMORY_BYTES = 64 * 2 ** 20;

/**
 * Links under names that are made of what they say, so that none can be changed. What it keeps it has read with the page's
 * own reader and written anew: nothing lies here that is no view of this page.
 */
export class LinkStore {
  readonly shelf: LinkShelf;
  readonly #storage: Storage<string>;

  /** Keeps links in a folder, or in memory where none is named. */
  constructor(
    private readonly manifest: Manifest,
    folder: string | undefined,
  ) {
    this.shelf = { keptIn: folder === undefined ? 'memory' : 'files' };
    const driver = folder === undefined ? memory({ maxSize: MAX_IN_MEMORY_BYTES }) : files({ base: folder });
    this.#storage = createStorage<string>({ driver });
  }

  /**
   * The id of a link, which is kept from now on.
   * @throws DimeeError `BAD_INPUT` for what is no whole link of this page.
   */
  async keep(hash: string): Promise<string> {
    const content = await readLink(hash, this.manifest);
    const notice = hash === '' ? 'There is no link in the request.' : linkNotice(content);
    if (notice !== undefined) throw new DimeeError('BAD_INPUT', notice);
    const canonical = await this.#canonical(content);
    const id = idOf(canonical);
    if ((await this.find(id)) === undefined) await this.#storage.setItem(id, canonical);
    return id;
  }

  /** The link of an id; undefined where there is none, or where it is no longer what it was. */
  async find(id: string): Promise<string | undefined> {
    const hash = await this.#storage.getItem(id);
    return hash !== null && idOf(hash) === id ? hash : undefined;
  }

  #canonical({ fields, parameters, parametersB, onlineParameters, results }: LinkContent): Promise<string> {
    const all = { ...defaultFields(fieldTable(this.manifest)), ...fields };
    return writeLink({ fields: all, parameters, parametersB, onlineParameters, results }, this.manifest);
  }
}

function idOf(hash: string): string {
  return createHash('sha256').update(hash).digest('base64url').slice(0, ID_LENGTH);
}
