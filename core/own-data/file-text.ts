import { uint8ArrayToHex } from 'uint8array-extras';
import { DimeeError } from '../errors';
import { FILE_LIMITS } from './limits';

/** A kind of file that holds no text as it is. */
interface OtherKind {
  readonly what: string;
  /** What makes a table of it, given its name; without one it has to be exported where it was made. */
  readonly command?: (name: string) => string;
}

const pandas = (read: string) => (name: string) =>
  `python -c "import pandas; pandas.${read}('${name}').to_csv('${name}.csv', index=False)"`;
const shell = (command: string) => (name: string) => `${command} '${name}'`;

/** How files begin that people take for a table. */
const SIGNATURES: readonly (readonly [hex: string, kind: OtherKind])[] = [
  ['50415231', { what: 'a Parquet file', command: pandas('read_parquet') }],
  ['4152524f5731', { what: 'an Arrow (Feather) file', command: pandas('read_feather') }],
  ['1f8b', { what: 'a compressed file (gzip)', command: shell('gunzip -k') }],
  ['425a68', { what: 'a compressed file (bzip2)', command: shell('bunzip2 -k') }],
  ['fd377a585a00', { what: 'a compressed file (xz)', command: shell('unxz -k') }],
  ['28b52ffd', { what: 'a compressed file (zstd)', command: shell('unzstd') }],
  ['d0cf11e0', { what: 'an old Excel workbook', command: pandas('read_excel') }],
  ['25504446', { what: 'a PDF' }],
  ['89504e47', { what: 'a picture' }],
  ['ffd8ff', { what: 'a picture' }],
];
const ZIP = '504b0304';
const WORKBOOK: OtherKind = { what: 'a spreadsheet (Excel)', command: pandas('read_excel') };
const ARCHIVE: OtherKind = { what: 'an archive (zip)', command: shell('unzip') };
const KNOWN_OTHERS = /\.(html?|xml|docx?|py|ipynb)$/i;
/** How texts begin that are no rows, whatever they are called. */
const OTHER_TEXTS: readonly (readonly [begins: RegExp, what: string])[] = [
  [/^\s*<(!doctype|html|\?xml)/i, 'is a web page or XML, not what it links to'],
  [/^version https:\/\/git-lfs\.github\.com/, 'only points to a file in Git LFS (fetch it with “git lfs pull”)'],
];
/** Bytes that the encoding is guessed from. */
const SAMPLE_BYTES = 4096;
/** Of the zero bytes of UTF-16 with Latin letters, blanks or digits, so many stand on one side. */
const ONE_SIDED = 0.95;
/** A zero byte in every so many is rare even in UTF-16 of other scripts, whose blanks and line ends have one. */
const FEW_ZEROS = 1 / 40;

/** @throws DimeeError `BAD_INPUT` for a file that is empty, `LIMIT_EXCEEDED` for one that is too large to be read at all. */
export function checkFileSize(name: string, bytes: number, mostBytes: number = FILE_LIMITS.maxBytes): void {
  if (bytes === 0) throw new DimeeError('BAD_INPUT', `“${name}” is empty. A row a line was expected.`);
  if (bytes <= mostBytes) return;
  const [size, most] = [bytes, mostBytes].map((value) => `${Math.ceil(value / 1e6)} MB`);
  const advice = 'Leave out columns that are not needed, or split it.';
  throw new DimeeError('LIMIT_EXCEEDED', `“${name}” has ${size}; files of up to ${most} can be read. ${advice}`);
}

/**
 * The text of a file of rows: UTF-8, or UTF-16 of either order, each with or without a mark in front.
 * @throws DimeeError `BAD_INPUT` for what is no text, with the command that makes a table of it where there is one, or in
 * another encoding; it names the line.
 */
export function textOfFile(name: string, bytes: Uint8Array<ArrayBuffer>): string {
  const other = kindOf(bytes);
  if (other) throw wrongKind(name, other);
  if (KNOWN_OTHERS.test(name)) throw wrongType(name, 'does not have the name of a table');
  const text = decoded(name, bytes, encodingOf(bytes));
  if (text.includes('\0')) throw wrongType(name, 'is not a text file');
  if (text.trim() === '')
    throw new DimeeError('BAD_INPUT', `“${name}” has only empty lines. A row a line was expected.`);
  const otherText = OTHER_TEXTS.find(([begins]) => begins.test(text))?.[1];
  if (otherText !== undefined) throw wrongType(name, otherText);
  return text;
}

function kindOf(bytes: Uint8Array<ArrayBuffer>): OtherKind | undefined {
  const signature = uint8ArrayToHex(bytes.subarray(0, 6));
  if (!signature.startsWith(ZIP)) return SIGNATURES.find(([start]) => signature.startsWith(start))?.[1];
  const names = new TextDecoder('latin1').decode(bytes);
  return names.includes('xl/workbook') ? WORKBOOK : ARCHIVE;
}

function encodingOf(bytes: Uint8Array<ArrayBuffer>): string {
  const mark = uint8ArrayToHex(bytes.subarray(0, 2));
  if (mark === 'fffe') return 'utf-16le';
  return mark === 'feff' ? 'utf-16be' : unmarkedEncoding(bytes);
}

/** UTF-8 has no zero bytes; in UTF-16 those of Latin letters, blanks and line ends all stand on one side. */
function unmarkedEncoding(bytes: Uint8Array<ArrayBuffer>): string {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const zeros = [0, 1].map((side) => sample.filter((byte, index) => byte === 0 && index % 2 === side).length);
  const [even = 0, odd = 0] = zeros;
  const all = even + odd;
  if (bytes.length % 2 === 1 || all <= sample.length * FEW_ZEROS) return 'utf-8';
  if (odd >= ONE_SIDED * all) return 'utf-16le';
  return even >= ONE_SIDED * all ? 'utf-16be' : 'utf-8';
}

function decoded(name: string, bytes: Uint8Array<ArrayBuffer>, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    if (bytes.subarray(0, SAMPLE_BYTES).includes(0) && encoding === 'utf-8')
      throw wrongType(name, 'is not a text file', cause);
    const line = lineOfDamage(bytes, encoding);
    const advice = 'Save it as UTF-8 (in Excel: “CSV UTF-8”), and open it again.';
    const problem = `“${name}” is not in UTF-8: line ${line} has bytes that are no letters. ${advice}`;
    throw new DimeeError('BAD_INPUT', problem, { cause });
  }
}

/** Decoded without complaint, what cannot be read becomes U+FFFD; the file may hold one of its own before. */
function lineOfDamage(bytes: Uint8Array<ArrayBuffer>, encoding: string): number {
  const text = new TextDecoder(encoding).decode(bytes);
  return text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
}

function wrongKind(name: string, { what, command }: OtherKind): DimeeError {
  if (!command) return wrongType(name, `is ${what}`);
  const advice = `Convert it with: ${command(name.replaceAll(/['"\\$`]/g, '?'))}`;
  return new DimeeError('BAD_INPUT', `“${name}” is ${what}, and a table of text was expected. ${advice}`);
}

function wrongType(name: string, problem: string, cause?: unknown): DimeeError {
  const advice = 'Export the table as CSV or TSV in UTF-8, and open that file.';
  return new DimeeError('BAD_INPUT', `“${name}” ${problem}; a table of text was expected. ${advice}`, { cause });
}
