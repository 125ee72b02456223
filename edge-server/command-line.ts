import { parseArgs } from 'node:util';
import { DimeeError, messageOf } from '../core/errors';
import { POLICIES, type PolicyChoice } from '../core/policies';
import { readTierUrl } from '../core/protocol/tier-address';
import { readEngineUrl } from './open-inference/address';

/** One option of a command. Its flag is its key in kebab-case. */
export interface Option<Value> {
  /** What stands for the value in the help; absent for a switch. */
  readonly placeholder?: string;
  /** The environment variable that is read where the flag is absent. */
  readonly variable?: string;
  /** Read as if it had been given. */
  readonly fallback?: string;
  /** May be given several times; its values come with commas between. */
  readonly repeatable?: true;
  readonly help: string;
  /** @throws Expected where the text, or its absence, will not do. */
  readonly read: (text: string | undefined) => Value;
  /** What the variable holds, where that is something else than what the flag gives. @throws DimeeError */
  readonly readVariable?: (text: string) => Value;
}

export type Options = Readonly<Record<string, Option<unknown>>>;
export type Values<Table extends Options> = { readonly [Key in keyof Table]: ReturnType<Table[Key]['read']> };
export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown by a reader: what the option must be, to stand after “must be”. */
export class Expected extends Error {}

/**
 * The values of all options, from flags, then the environment, then their fallbacks.
 * @throws DimeeError `BAD_CONFIGURATION`, saying what was expected.
 */
export function readOptions<Table extends Options>(
  table: Table,
  argv: readonly string[],
  environment: Environment = {},
): Values<Table> {
  const flags = readFlags(table, argv);
  const entries = Object.entries(table).map(([key, option]) => {
    const { variable = '', fallback } = option;
    const isFromEnvironment = flags[key] === undefined && Boolean(environment[variable]);
    const text = isFromEnvironment ? environment[variable] : (flags[key] ?? fallback);
    if (isFromEnvironment && option.readVariable) return [key, option.readVariable(text ?? '')];
    return [key, readValue(option, text, isFromEnvironment ? variable : flagOf(key))];
  });
  return Object.fromEntries(entries) as Values<Table>;
}

function readFlags(table: Options, argv: readonly string[]): Record<string, string | undefined> {
  const options = Object.entries(table).map(
    ([key, { placeholder, repeatable = false }]) =>
      [flagOf(key).slice(2), { type: placeholder === undefined ? 'boolean' : 'string', multiple: repeatable }] as const,
  );
  try {
    const parsed = parseArgs({ args: [...argv], options: Object.fromEntries<(typeof options)[number][1]>(options) });
    const values = parsed.values as Readonly<Record<string, string | boolean | string[] | undefined>>;
    return Object.fromEntries(Object.keys(table).map((key) => [key, values[flagOf(key).slice(2)]?.toString()]));
  } catch (cause) {
    const problem = messageOf(cause);
    throw new DimeeError('BAD_CONFIGURATION', `${problem} See --help.`, { cause });
  }
}

function readValue(option: Option<unknown>, text: string | undefined, source: string): unknown {
  try {
    return option.read(text);
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    const given = text === undefined ? 'it is missing' : `not “${text}”`;
    throw new DimeeError('BAD_CONFIGURATION', `${source} must be ${error.message}; ${given}. See --help.`);
  }
}

/** One line for each option, for `--help`. */
export function describeOptions(table: Options): string {
  const rows = Object.entries(table).map(([key, { placeholder, variable, fallback, help }]) => {
    const notes = [variable && `environment ${variable}`, fallback && `default ${fallback}`].filter(Boolean);
    const left = placeholder === undefined ? flagOf(key) : `${flagOf(key)} ${placeholder}`;
    return [left, notes.length > 0 ? `${help} (${notes.join(', ')})` : help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Runs a command: prints its help where that is asked for, and an error of ours as one line. The exit code is 2 where the
 * command was called wrongly, 1 where it failed.
 */
export function runCommand(argv: readonly string[], help: string, run: () => Promise<void>): void {
  if (argv.includes('--help')) {
    process.stdout.write(help);
    return;
  }
  run().catch((error: unknown) => {
    if (!(error instanceof DimeeError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.code === 'BAD_CONFIGURATION' ? 2 : 1;
  });
}

export const helpSwitch = givenOrNot('Print this help');

/** A switch. */
export function givenOrNot(help: string): Option<boolean> {
  return { help, read: (text) => text === 'true' };
}

/** What `read` makes of a text, or undefined where there is none. */
export function optional<Value>(read: (text: string) => Value): (text: string | undefined) => Value | undefined {
  return (text) => (text === undefined ? undefined : read(text));
}

export function wholeNumber(min: number, max: number): (text: string | undefined) => number {
  return (text = '') => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new Expected(`a whole number from ${min} to ${max}`);
  };
}

export function oneOf<const Choice extends string>(choices: readonly Choice[]): (text: string | undefined) => Choice {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new Expected(`one of ${choices.join(', ')}`);
  };
}

export function anyText(text: string | undefined): string {
  if (text) return text;
  throw new Expected('given');
}

/** A part of all, 0 to 1. */
export function share(text: string | undefined): number {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new Expected('a share from 0 to 1, such as 0.01');
}

/** The HTTP address of a service. */
export function httpUrl(text: string): string {
  if (/^https?:/i.test(text) && URL.canParse(text)) return text;
  throw new Expected('an address like http://localhost:4318');
}

/** The WebSocket address of a tier; an address without a path gets the protocol's. */
export function tierUrl(text: string): string {
  const url = readTierUrl(text);
  if (url === undefined) throw new Expected('an address like ws://localhost:8788');
  return url;
}

/** The address of a cloud tier: of one that speaks our protocol, or of an engine that speaks the Open Inference Protocol. */
export function cloudUrl(text: string): string {
  if (readEngineUrl(text)) return text;
  const url = readTierUrl(text);
  if (url === undefined)
    throw new Expected('an address like ws://localhost:8788, or grpc://localhost:9000 of an engine');
  return url;
}

/** @throws Expected for anything but a number above 0, up to a million. */
export function positiveNumber(text = ''): number {
  const value = Number(text);
  if (text !== '' && value > 0 && value <= 1e6) return value;
  throw new Expected('a number above 0');
}

/** A policy and its parameters, as `confidence,edgeThreshold=0.9`. @throws Expected */
export function policyChoice(text = ''): PolicyChoice {
  const [id = '', ...pairs] = text.split(',');
  const parameters = pairs.map((pair) => pair.split('='));
  const areNumbers = parameters.every(
    ([name, value, ...rest]) => name && value && rest.length === 0 && isFinite(+value),
  );
  if (POLICIES.some((policy) => policy.id === id) && areNumbers) {
    return { id, parameters: Object.fromEntries(parameters.map(([name = '', value]) => [name, Number(value)])) };
  }
  const known = POLICIES.map((policy) => policy.id).join(', ');
  throw new Expected(`a policy and its parameters like confidence,edgeThreshold=0.9; policies are ${known}`);
}
