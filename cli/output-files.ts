import { ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DimeeError, messageOf } from '../core/errors';

/** A file that lines are written to as they come, so that what was written is there whatever happens. */
export class OutputFile {
  private constructor(
    readonly path: string,
    readonly isEmpty: boolean,
    private readonly handle: number,
  ) {}

  /**
   * Opens a file to be written; nothing in it changes before `clear` or `write`.
   * @throws DimeeError `BAD_CONFIGURATION` where it cannot be: its folder is missing, it is a folder, it may not be written.
   */
  static open(flag: string, path: string): OutputFile {
    const folder = dirname(resolve(path));
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw refusal(flag, path, `there is no folder ${folder}. Make it first.`);
    }
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw refusal(flag, path, 'it is a folder. Name a file.');
    const isEmpty = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
    try {
      return new OutputFile(path, isEmpty, openSync(path, 'a'));
    } catch (cause) {
      throw refusal(flag, path, messageOf(cause));
    }
  }

  /** Keeps the first bytes alone. */
  clear(bytes = 0): void {
    // A terminal or a pipe has nothing to clear.
    if (statSync(this.path).isFile()) ftruncateSync(this.handle, bytes);
  }

  write(text: string): void {
    writeSync(this.handle, text);
  }
}

/** @throws DimeeError `BAD_CONFIGURATION` where two files of a run are one, so that one would be lost. */
export function checkApart(files: Readonly<Record<string, string | undefined>>): void {
  const seen = new Map<string, string>();
  for (const [flag, path] of Object.entries(files)) {
    if (path === undefined) continue;
    const other = seen.get(resolve(path));
    if (other !== undefined) throw refusal(flag, path, `${other} is the same file. Name another.`);
    seen.set(resolve(path), flag);
  }
}

function refusal(flag: string, path: string, problem: string): DimeeError {
  return new DimeeError('BAD_CONFIGURATION', `${flag} ${path} cannot be written: ${problem}`);
}
