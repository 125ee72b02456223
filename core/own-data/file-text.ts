import { uint8ArrayToHex } from 'uint8array-extras';
import { DimeeError } from '../errors';
import { FILE_LIMITS } from './limits';

/** How files begin that people take for a table. */
const SIGNATURES: readonly (readonly [hex: string, what: string])[] = [
  ['504b0304', 'a spreadsheet or an archive (zip)'],
  ['d0cf11e0', 'an old Excel workbook'],
  ['25504446', 'a PDF'],
  ['89504e47', 'a picture'],
  ['ffd8ff', 'a picture'],
  ['1f8b', 'a compressed file (gzip)'],
  ['50415231', 'a Parquet file'],
];
const EXPORT_IT = 'Export the table as CSV or TSV in UTF-8, and open that file.';
const KNOWN_OTHERS = /\.(json|jsonl|ndjson|html?|xml|docx?|py|ipynb)$/i;

/** @throws DimeeError `BAD_INPUT` for a file that is empty, `LIMIT_EXCEEDED` for one that is too large to be read at all. */
export function checkFileSize(name: string, bytes: number): void {
  if (bytes === 0) throw new DimeeError('BAD_INPUT', `“${name}” is empty. A row a line was expected.`);
  if (bytes <= FILE_LIMITS.maxBytes) return;
  const [size, most] = [bytes, FILE_LIMITS.maxBytes].map((value) => `${Math.ceil(value / 1e6)} MB`);
  const advice = 'Leave out columns that are not needed, or split it.';
  throw new DimeeError('LIMIT_EXCEEDED', `“${name}” has ${size}; files of up to ${most} can be read. ${advice}`);
}

/**
 * The text of a table's file: UTF-8 with or without a mark in front, or UTF-16 with one.
 * @throws DimeeError `BAD_INPUT` for what is no text, or in another encoding; it names the line.
 */
export function textOfFile(name: string, bytes: Uint8Array<ArrayBuffer>): string {
  const signature = uint8ArrayToHex(bytes.subarray(0, 4));
  const other = SIGNATURES.find(([start]) => signature.startsWith(start))?.[1];
  if (other) throw wrongType(name, `is ${other}`);
  if (KNOWN_OTHERS.test(name)) throw wrongType(name, 'does not have the name of a table');
  const text = decoded(name, bytes, encodingOf(signature));
  if (text.includes('\0')) throw wrongType(name, 'is not a text file');
  if (text.trim() === '')
    throw new DimeeError('BAD_INPUT', `“${name}” has only empty lines. A row a line was expected.`);
  return text;
}

function encodingOf(signature: string): string {
  if (signature.startsWith('fffe')) return 'utf-16le';
  return signature.startsWith('feff') ? 'utf-16be' : 'utf-8';
}

function decoded(name: string, bytes: Uint8Array<ArrayBuffer>, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    if (bytes.subarray(0, 4096).includes(0) && encoding === 'utf-8') throw wrongType(name, 'is not a text file', cause);
    const line = lineOfDamage(bytes, encoding);
    const advice = 'Save it as UTF-8 (in Excel: “CSV UTF-8”), and open it again.';
    throw new DimeeError(
      'BAD_INPUT',
      `“${name}” is not in UTF-8: line ${line} has bytes that are no letters. ${advice}`,
      {
        cause,
      },
    );
  }
}

/** Decoded without complaint, what cannot be read becomes U+FFFD; the file may hold one of its own before. */
function lineOfDamage(bytes: Uint8Array<ArrayBuffer>, encoding: string): number {
  const text = new TextDecoder(encoding).decode(bytes);
  return text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
}

function wrongType(name: string, problem: string, cause?: unknown): DimeeError {
  return new DimeeError('BAD_INPUT', `“${name}” ${problem}; a table of text was expected. ${EXPORT_IT}`, { cause });
}
