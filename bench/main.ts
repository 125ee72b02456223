import { parseArgs } from 'node:util';
import type { Benchmark, Detail, Report } from './benchmark';
import { capacity } from './capacity';
import { companions } from './companions';
import { connections } from './connections';
import { edgeBatching } from './edge-batching';
import { fairness } from './fairness';
import { engine } from './engine';
import { firstAnswerBytes } from './first-answer-bytes';
import { firstSeconds } from './first-seconds';
import { grouping } from './grouping';
import { hall } from './hall';
import { hedging } from './hedging';
import { inversion } from './inversion';
import { layerOverhead } from './layer-overhead';
import { overload } from './overload';
import { roundTrip } from './round-trip';
import { sliderReplay } from './slider-replay';
import { thresholdSweep } from './threshold-sweep';

const BENCHMARKS: readonly Benchmark[] = [
  layerOverhead,
  roundTrip,
  edgeBatching,
  grouping,
  firstAnswerBytes,
  firstSeconds,
  companions,
  sliderReplay,
  thresholdSweep,
  hall,
  fairness,
  overload,
  connections,
  inversion,
  hedging,
  capacity,
  engine,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
});
const known = BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n');
const unknown = positionals.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));

if (values.help) {
  console.log(`npm run bench -- [NAME …] [--json]\n\n${known}`);
} else if (unknown.length > 0) {
  console.error(`There is no benchmark “${unknown.join('”, “')}”. Choose from:\n${known}`);
  process.exitCode = 2;
} else {
  const chosen = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const benchmark of chosen) await measure(benchmark);
}

async function measure({ name, run }: Benchmark): Promise<void> {
  const report = await run();
  const holds = report.value <= report.bound;
  if (!holds) process.exitCode = 1;
  console.log(
    values.json ? JSON.stringify({ name, ...report, ...report.details, holds }) : inWords(name, report, holds),
  );
}

function inWords(name: string, { claim, value, bound, unit, details }: Report, holds: boolean): string {
  const lines = Object.entries(details).map(([detail, measured]) => `    ${detail}: ${rounded(measured)}`);
  const verdict = `${holds ? 'holds' : 'DOES NOT HOLD'}: ${rounded(value)} ${unit}, at most ${bound} claimed`;
  return [`${name}: ${claim}`, `  ${verdict}`, ...lines].join('\n');
}

function rounded(value: Detail): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  return Object.entries(value)
    .map(([name, measured]) => `${name} ${rounded(measured)}`)
    .join(', ');
}
