import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Texts } from '../../core/model/tokens';
import { DEFAULT_MODEL_FOLDER } from '../configuration';

/** What the Python original makes of some texts. */
export interface Parity {
  /** Largest difference allowed of a logit, by variant. */
  readonly tolerance: Readonly<Record<string, number>>;
  readonly samples: readonly {
    readonly task: string;
    readonly texts: Texts;
    readonly inputIds: readonly number[];
    readonly tokenTypeIds: readonly number[];
    /** The task's logits at every layer. */
    readonly logits: readonly (readonly number[])[];
  }[];
}

export async function readParity(): Promise<Parity> {
  return JSON.parse(await readFile(join(DEFAULT_MODEL_FOLDER, 'parity.json'), 'utf8')) as Parity;
}
