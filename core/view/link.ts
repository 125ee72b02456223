import { DimeeError } from '../errors';
import type { Manifest } from '../model/manifest';
import { onlinePolicyById } from '../online';
import { type ParameterSpec, parametersOf, policyById, type PolicyParameters } from '../policies';
import { defaultFields, parseNumber, type Fields, fieldTable } from './fields';
import { MAX_PACKED, pack, unpack } from './packing';
import { presetParameters } from './preset-parameters';
import { packResults, RESULTS_UNREADABLE, type SentResults, unpackResults } from './sent-results';

/** A version in front, so that a newer link can be told from a damaged one. */
const VERSION = 3;
/** What each earlier version wrote otherwise, taken to the version after it. */
const MIGRATIONS: Readonly<Record<number, (entries: URLSearchParams) => void>> = {
  // One page with a Lab beside it, all of whose panels stood below each other.
  1: (entries) => rename(entries, 'view', { playground: 'play', lab: 'compare' }),
  // Policies whose parameters meant something else, or had other defaults.
  2: (entries) => {
    for (const prefix of ['', B]) {
      countAsPabee(entries, prefix);
      fillIn(entries, prefix, 'risk-controlled', 'disagreement', '0.03');
    }
  },
};
/** Characters of text that a link may unpack to. */
const MAX_TEXT = 1_000_000;

/** In front of the parameters of the online policy: other policies have some of the same name. */
const ONLINE = 'online.';
/** The same of the configuration B. */
const B = 'b.';
const RESULTS = 'results';

/** What a link is written from: all fields, and parameters of the three policies that they name. */
export interface LinkedView {
  readonly fields: Fields;
  readonly parameters: PolicyParameters;
  readonly parametersB: PolicyParameters;
  readonly onlineParameters: PolicyParameters;
  /** What a run under these settings answered to the lines of the text, where it goes along. */
  readonly results?: SentResults | undefined;
}

/** What a link says: fields and parameters that were valid, and what was not, in words. */
export interface LinkContent extends Omit<LinkedView, 'fields'> {
  readonly fields: Partial<Fields>;
  /** It was written by a later version, which may know more than is read here. */
  readonly isNewer: boolean;
  readonly problems: readonly string[];
  /** Why results that came along are left out, as a sentence. */
  readonly resultsProblem?: string;
}

/** What a link carries deflated. */
export interface PackedParts {
  readonly text?: string | undefined;
  readonly results?: string | undefined;
}

/**
 * The view as the hash of an address: what differs from the defaults, texts deflated. It stands in the hash and not in
 * the query, so that what people type never reaches a server's log.
 * @throws DimeeError `BAD_INPUT` for texts or results that are too long for a link.
 */
export async function writeLink(view: LinkedView, manifest: Manifest): Promise<string> {
  const { text } = view.fields;
  return writeSettings(view, manifest, {
    text: text === '' ? undefined : await deflate(text),
    results: view.results && (await packResults(view.results, manifest)),
  });
}

/** The view as a hash, but for what would have to be packed and does not come so. */
export function writeSettings(view: LinkedView, manifest: Manifest, packed: PackedParts = {}): string {
  const { fields, parameters, parametersB, onlineParameters } = view;
  const entries = new URLSearchParams({ v: `${VERSION}` });
  for (const [name, field] of Object.entries(fieldTable(manifest))) {
    const value = name === 'text' ? packed.text : fields[name as keyof Fields];
    if (value === undefined || (value === field.default && name !== 'task')) continue;
    entries.set(field.key, String(value));
  }
  for (const spec of parametersOf(policyById(fields.policy), manifest.layers)) {
    const { [spec.id]: value } = parameters;
    if (value !== undefined) entries.set(spec.id, String(value));
  }
  const presetsB = presetParameters(policyById(fields.policyB), fields.task, manifest);
  for (const [id, preset] of Object.entries(presetsB)) {
    const { [id]: value = preset } = parametersB;
    if (value !== preset) entries.set(B + id, String(value));
  }
  for (const { id, default: preset } of onlinePolicyById(fields.onlinePolicy).parameters) {
    const { [id]: value = preset } = onlineParameters;
    if (value !== preset) entries.set(ONLINE + id, String(value));
  }
  if (packed.results !== undefined) entries.set(RESULTS, packed.results);
  return `#${entries}`;
}

/** Reads a hash. Whatever is not valid is left out and named; it never throws. */
export async function readLink(hash: string, manifest: Manifest): Promise<LinkContent> {
  const entries = new URLSearchParams(hash.replace(/^#/, ''));
  const problems: string[] = [];
  // `entries.size` came with Chrome 113 and Safari 17.
  if (hash.replace(/^#/, '') === '') {
    return { fields: {}, parameters: {}, parametersB: {}, onlineParameters: {}, isNewer: false, problems };
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
  const known = fields as Partial<Fields>;
  const { policy, policyB, onlinePolicy } = { ...defaultFields(fieldTable(manifest)), ...known };
  const parametersIn = (of: Parameters<typeof parametersOf>[0], prefix = '') =>
    readParameters(entries, parametersOf(of, manifest.layers), prefix, problems);
  return {
    fields: known,
    parameters: parametersIn(policyById(policy)),
    parametersB: parametersIn(policyById(policyB), B),
    onlineParameters: parametersIn(onlinePolicyById(onlinePolicy), ONLINE),
    ...(await readResults(entries.get(RESULTS), problems.length === 0 ? known : {}, manifest)),
    isNewer,
    problems,
  };
}

async function readResults(packed: string | null, { task, text }: Partial<Fields>, manifest: Manifest) {
  if (packed === null) return {};
  // Without their sentences, their task and their settings nobody knows what they answer.
  const isTheirs = task !== undefined && text !== undefined;
  const read = isTheirs ? await unpackResults(packed, task, manifest) : RESULTS_UNREADABLE;
  return typeof read === 'string' ? { resultsProblem: read } : { results: read };
}

function isKnown(version: string): boolean {
  return version === `${VERSION}` || Object.keys(MIGRATIONS).includes(version);
}

function migrate(entries: URLSearchParams, from: number): void {
  for (let version = from; version < VERSION; version++) MIGRATIONS[version]?.(entries);
}

/** The patience of `patience` was the number of exits that agree, of which PABEE does not count the first; 4 by default. */
function countAsPabee(entries: URLSearchParams, prefix: string): void {
  if (entries.get(`${prefix}policy`) !== 'patience') return;
  const exits = entries.get(`${prefix}patience`) ?? '4';
  entries.set(`${prefix}patience`, /^\d+$/.test(exits) ? `${Number(exits) - 1}` : exits);
}

/** A parameter that an earlier version left out, where its default was this. */
function fillIn(entries: URLSearchParams, prefix: string, policy: string, parameter: string, value: string): void {
  const isMeant = entries.get(`${prefix}policy`) === policy && !entries.has(prefix + parameter);
  if (isMeant) entries.set(prefix + parameter, value);
}

function rename(entries: URLSearchParams, key: string, names: Readonly<Record<string, string>>): void {
  const value = names[entries.get(key) ?? ''];
  if (value !== undefined) entries.set(key, value);
}

/** What a person should know who has opened a link; nothing where all of it was taken over. */
export function linkNotice({ resultsProblem, ...link }: Said): string | undefined {
  const notices = [settingsNotice(link), resultsProblem].filter((notice) => notice !== undefined);
  return notices.length > 0 ? notices.join(' ') : undefined;
}

type Said = Pick<LinkContent, 'isNewer' | 'problems' | 'resultsProblem'>;

function settingsNotice({ isNewer, problems }: Said): string | undefined {
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
  const packed = await pack(new TextEncoder().encode(text));
  if (packed.length > MAX_PACKED) throw tooLong();
  return packed;
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
  // UTF-8 takes three bytes at most for what is one character of a string.
  const bytes = await unpack(packed, 3 * MAX_TEXT);
  const text = bytes && new TextDecoder().decode(bytes);
  return text === undefined || text.length > MAX_TEXT ? undefined : text;
}
