import { base64ToUint8Array, uint8ArrayToBase64 } from 'uint8array-extras';
import { DimeeError } from '../errors';
import type { Manifest } from '../model/manifest';
import { onlinePolicyById } from '../online';
import { type ParameterSpec, parametersOf, policyById, type PolicyParameters } from '../policies';
import { parseNumber, type Fields, fieldTable } from './fields';

/** A version in front, so that a newer link can be told from a damaged one. */
const VERSION = 2;
/** What each earlier version wrote otherwise, taken to the version after it. */
const MIGRATIONS: Readonly<Record<number, (entries: URLSearchParams) => void>> = {
  // One page with a Lab beside it, all of whose panels stood below each other.
  1: (entries) => rename(entries, 'view', { playground: 'play', lab: 'compare' }),
};
/** Characters of compressed text a link may bring, and of text it may unpack to. */
const MAX_PACKED = 100_000;
const MAX_TEXT = 1_000_000;

/** In front of the parameters of the online policy: other policies have some of the same name. */
const ONLINE = 'online.';

/** What a link is written from: all fields, and parameters of the two policies that they name. */
export interface LinkedView {
  readonly fields: Fields;
  readonly parameters: PolicyParameters;
  readonly onlineParameters: PolicyParameters;
}

/** What a link says: fields and parameters that were valid, and what was not, in words. */
export interface LinkContent extends Omit<LinkedView, 'fields'> {
  readonly fields: Partial<Fields>;
  /** It was written by a later version, which may know more than is read here. */
  readonly isNewer: boolean;
  readonly problems: readonly string[];
}

/**
 * The view as the hash of an address: what differs from the defaults, texts deflated. It stands in the hash and not in
 * the query, so that what people type never reaches a server's log.
 * @throws DimeeError `BAD_INPUT` for texts that are too long for a link.
 */
export async function writeLink(view: LinkedView, manifest: Manifest): Promise<string> {
  const { text } = view.fields;
  return text === '' ? writeSettings(view, manifest) : writeSettings(view, manifest, await deflate(text));
}

/** The view as a hash, but for its text where that does not come packed. */
export function writeSettings(view: LinkedView, manifest: Manifest, packedText?: string): string {
  const { fields, parameters, onlineParameters } = view;
  const entries = new URLSearchParams({ v: `${VERSION}` });
  for (const [name, field] of Object.entries(fieldTable(manifest))) {
    const value = name === 'text' ? packedText : fields[name as keyof Fields];
    if (value === undefined || (value === field.default && name !== 'task')) continue;
    entries.set(field.key, String(value));
  }
  for (const spec of parametersOf(policyById(fields.policy), manifest.layers)) {
    const { [spec.id]: value } = parameters;
    if (value !== undefined) entries.set(spec.id, String(value));
  }
  for (const { id, default: preset } of onlinePolicyById(fields.onlinePolicy).parameters) {
    const { [id]: value = preset } = onlineParameters;
    if (value !== preset) entries.set(ONLINE + id, String(value));
  }
  return `#${entries}`;
}

/** Reads a hash. Whatever is not valid is left out and named; it never throws. */
export async function readLink(hash: string, manifest: Manifest): Promise<LinkContent> {
  const entries = new URLSearchParams(hash.replace(/^#/, ''));
  const problems: string[] = [];
  // `entries.size` came with Chrome 113 and Safari 17.
  if (hash.replace(/^#/, '') === '') {
    return { fields: {}, parameters: {}, onlineParameters: {}, isNewer: false, problems };
  }
  const version = entries.get('v') ?? '';
  const isNewer = /^\d{1,9}$/.test(version) && Number(version) > VERSION;
  if (!isNewer && !isKnown(version)) problems.push('it names no version of a link');
  if (isKnown(version)) migrate(entries, Number(version));
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fieldTable(manifest))) {
    const text = entries.get(field.key);
    if (text === null) continue;
    const value = field.parse(name === 'text' ? ((await inflate(text)) ?? '') : text);
    if (value === undefined || (name === 'text' && value === '')) problems.push(`“${field.key}” cannot be read`);
    else fields[name] = value;
  }
  const { policy: policyField, onlinePolicy: onlineField } = fieldTable(manifest);
  const known = fields as Partial<Fields>;
  const { policy = policyField.default, onlinePolicy = onlineField.default } = known;
  const parametersIn = (of: Parameters<typeof parametersOf>[0], prefix = '') =>
    readParameters(entries, parametersOf(of, manifest.layers), prefix, problems);
  return {
    fields: known,
    parameters: parametersIn(policyById(policy)),
    onlineParameters: parametersIn(onlinePolicyById(onlinePolicy), ONLINE),
    isNewer,
    problems,
  };
}

function isKnown(version: string): boolean {
  return version === `${VERSION}` || Object.keys(MIGRATIONS).includes(version);
}

function migrate(entries: URLSearchParams, from: number): void {
  for (let version = from; version < VERSION; version++) MIGRATIONS[version]?.(entries);
}

function rename(entries: URLSearchParams, key: string, names: Readonly<Record<string, string>>): void {
  const value = names[entries.get(key) ?? ''];
  if (value !== undefined) entries.set(key, value);
}

/** What a person should know who has opened a link; nothing where all of it was taken over. */
export function linkNotice({ isNewer, problems }: Pick<LinkContent, 'isNewer' | 'problems'>): string | undefined {
  const unread = problems.join('; ');
  if (isNewer) {
    const left = unread === '' ? '' : ` (${unread})`;
    return `This link was made with a newer version of this page. What this version does not know is left out${left}. Reload the page to see whether it has been updated.`;
  }
  return unread === '' ? undefined : `This link is damaged: ${unread}. The defaults stand in for what is missing.`;
}

function readParameters(
  entries: URLSearchParams,
  specs: readonly ParameterSpec[],
  prefix: string,
  problems: string[],
): PolicyParameters {
  const parameters: Record<string, number> = {};
  for (const spec of specs) {
    const key = prefix + spec.id;
    const text = entries.get(key);
    if (text === null) continue;
    const value = parseNumber(text, spec);
    if (value === undefined) problems.push(`“${key}” must be from ${spec.min} to ${spec.max}`);
    else parameters[spec.id] = value;
  }
  return parameters;
}

async function deflate(text: string): Promise<string> {
  if (text.length > MAX_TEXT) throw tooLong();
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  // Base64 makes four characters of three bytes.
  if (bytes.byteLength > (MAX_PACKED * 3) / 4) throw tooLong();
  return uint8ArrayToBase64(bytes, { urlSafe: true });
}

function tooLong(): DimeeError {
  const [packed, text] = [MAX_PACKED, MAX_TEXT].map((most) => most.toLocaleString('en'));
  const limits = `a link holds ${text} characters of text, compressed to ${packed}`;
  return new DimeeError(
    'BAD_INPUT',
    `These sentences are too long for a link: ${limits}. Share fewer, or export the results.`,
  );
}

async function inflate(packed: string): Promise<string | undefined> {
  if (packed.length > MAX_PACKED) return undefined;
  try {
    const stream = new Blob([base64ToUint8Array(packed)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return await readAtMost(stream, MAX_TEXT);
  } catch {
    return undefined;
  }
}

async function readAtMost(stream: ReadableStream<BufferSource>, maxLength: number): Promise<string | undefined> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    text += chunk.value;
    if (text.length > maxLength) {
      await reader.cancel();
      return undefined;
    }
  }
  return text;
}
