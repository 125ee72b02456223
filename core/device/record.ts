import * as v from 'valibot';
import { DimeeError } from '../errors';
import { type DeviceMeasurement, fastestOf, isSame, MEASURED_TOKENS } from './measurement';

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024));
const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const configuration = { backend: v.picklist(['wasm', 'webgpu']), threads: count, variant: word } as const;
const MOST_ROWS = 64;

const measurement = v.object({
  format: v.literal('dimee-device'),
  measuredAt: v.pipe(v.string(), v.isoTimestamp()),
  userAgent: word,
  cores: count,
  adapter: v.nullable(word),
  model: v.object({ id: word, hash: word }),
  rows: v.pipe(
    v.array(
      v.object({
        ...configuration,
        ...{ runtimeMs: milliseconds, openMs: milliseconds, firstMs: milliseconds },
        layerMs: v.pipe(v.array(milliseconds), v.length(MEASURED_TOKENS.length)),
        check: v.picklist(['reference', 'same', 'other', 'unchecked']),
      }),
    ),
    v.maxLength(MOST_ROWS),
  ),
  skipped: v.pipe(v.array(v.object({ ...configuration, reason: v.string() })), v.maxLength(MOST_ROWS)),
});

/** A measurement as text, to be kept or shared; `tokens` are the lengths that `layerMs` are of. */
export function jsonOfDevice(measured: DeviceMeasurement): string {
  const rows = measured.rows.map((row) => ({
    ...row,
    ...{ runtimeMs: rounded(row.runtimeMs), openMs: rounded(row.openMs), firstMs: rounded(row.firstMs) },
    layerMs: row.layerMs.map(rounded),
  }));
  const written = { format: 'dimee-device', tokens: MEASURED_TOKENS, ...measured, rows };
  return JSON.stringify({ ...written, adapter: measured.adapter ?? null }, null, 2);
}

/** @throws DimeeError `BAD_INPUT` for what is no measurement, naming what is wrong. */
export function parseDevice(json: string): DeviceMeasurement {
  const parsed = v.safeParse(measurement, jsonIn(json));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue);
    throw notOne(where === null ? issue.message : `at “${where}”: ${issue.message}`);
  }
  const { measuredAt, userAgent, cores, adapter, model, rows, skipped } = parsed.output;
  return { measuredAt, userAgent, cores, adapter: adapter ?? undefined, model, rows, skipped };
}

/** A row a configuration, with a row of names. */
export function csvOfDevice({ rows, measuredAt, userAgent, cores, adapter, model }: DeviceMeasurement): string {
  const names = ['backend', 'threads', 'weights', 'runtime_ms', 'open_ms', 'first_ms'];
  const lengths = MEASURED_TOKENS.map((tokens) => `layer_${tokens}_tokens_ms`);
  const of = ['check', 'fastest', 'measured_at', 'cores', 'adapter', 'user_agent', 'model'];
  const fastest = fastestOf(rows);
  const lines = rows.map((row) => [
    ...[row.backend, row.threads, row.variant, rounded(row.runtimeMs), rounded(row.openMs), rounded(row.firstMs)],
    ...row.layerMs.map(rounded),
    ...[
      row.check,
      fastest !== undefined && isSame(row, fastest),
      measuredAt,
      cores,
      adapter ?? '',
      userAgent,
      model.id,
    ],
  ]);
  return [[...names, ...lengths, ...of], ...lines].map((line) => `${line.map(cell).join(',')}\n`).join('');
}

/** The device can be told again: another browser or version of it, or other weights, make other times. */
export function isOfDevice(
  { userAgent, cores, model }: DeviceMeasurement,
  now: Pick<DeviceMeasurement, 'userAgent' | 'cores' | 'model'>,
): boolean {
  return userAgent === now.userAgent && cores === now.cores && model.hash === now.model.hash;
}

function cell(value: string | number | boolean): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rounded(ms: number): number {
  return Math.round(1000 * ms) / 1000;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notOne('it is no JSON');
  }
}

function notOne(problem: string): DimeeError {
  return new DimeeError('BAD_INPUT', `This is no measurement of a device: ${problem}. Paste what “Copy JSON” gives.`);
}
