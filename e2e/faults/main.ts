import { loadavg } from 'node:os';
import { DimeeError } from '../../core/errors';
import { LazyMap } from '../../core/lazy';
import {
  anyText,
  describeOptions,
  givenOrNot,
  helpSwitch,
  type Options,
  optional,
  readOptions,
  runCommand,
  wholeNumber,
} from '../../edge-server/command-line';
import { DEFAULT_MODEL_FOLDER } from '../../edge-server/configuration';
import type { Findings, Scenario } from './scenario';
import { SCENARIOS } from './scenarios';
import { soak } from './soak';
import { Stage } from './stage';

const OPTIONS = {
  only: {
    placeholder: 'NAME,…',
    help: 'Scenarios to play (default all); engine-* are all whose names begin so',
    read: optional(anyText),
  },
  samples: {
    placeholder: 'N',
    fallback: '1000',
    help: 'Samples that are asked for at once in a scenario',
    read: wholeNumber(1, 100_000),
  },
  model: {
    placeholder: 'FOLDER',
    fallback: DEFAULT_MODEL_FOLDER,
    help: 'Folder with the manifest.json of the model that servers run',
    read: anyText,
  },
  batchTokens: {
    placeholder: 'N',
    fallback: '384',
    help: 'As for servers; matrices as small as those of the tests’ models are multiplied alike only with 1',
    read: wholeNumber(1, 65_536),
  },
  soakMinutes: {
    placeholder: 'N',
    help: 'Instead of scenarios, keep an edge under load for so long while what is around it is killed',
    read: optional(wholeNumber(1, 600)),
  },
  json: givenOrNot('Print one JSON object a scenario'),
  help: helpSwitch,
} as const satisfies Options;

const HELP = `Usage: npm run faults -- [options]

Starts real servers and has things happen to them, to their lines and their disks, with samples in flight; compares every
answer with that of an edge that nothing happens to. None may be lost, doubled or different. Those of an engine start Ray
(npm run cluster) and want a model with fp16 weights, as the default one; npm test plays none of them.

${describeOptions(OPTIONS)}

Scenarios:
${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(21)} ${about}`).join('\n')}
`;

async function main(): Promise<void> {
  const { only, samples, model, batchTokens, soakMinutes, json } = readOptions(OPTIONS, process.argv.slice(2));
  const chosen = soakMinutes === undefined ? scenariosNamed(only?.split(',')) : [soaked(soakMinutes)];
  const flags = ['--batch-tokens', `${batchTokens}`];
  const stages = new LazyMap((setting: Scenario['setting']) => Stage.open(model, samples, flags, setting));
  // An engine's processes do not end with this one.
  const opened = () => chosen.flatMap(({ setting }) => stages.value(setting) ?? []);
  const end = () => void Promise.all(opened().map((stage) => stage.clear())).then(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  for (const scenario of chosen) {
    const stage = await stages.get(scenario.setting);
    const found = await play(scenario, stage);
    if (found.faults.length > 0) process.exitCode = 1;
    const figures = { ...found.figures, loadAverage: loadavg()[0] ?? 0 };
    const holds = found.faults.length === 0;
    const { name } = scenario;
    console.log(json ? JSON.stringify({ name, holds, ...found, figures }) : inWords(scenario, { ...found, figures }));
  }
}

const soaked = (minutes: number): Scenario => ({
  name: 'soak',
  about: `${minutes} minutes of load, in which the cloud and another edge are killed and lines break`,
  play: (stage) => soak(stage, minutes),
});

/** Nothing outlives its scenario. */
async function play(scenario: Scenario, stage: Stage): Promise<Findings> {
  try {
    return await scenario.play(stage);
  } finally {
    await stage.clear();
  }
}

function scenariosNamed(names: readonly string[] | undefined): readonly Scenario[] {
  if (!names) return SCENARIOS;
  return names.flatMap((name) => {
    const isMeant = (candidate: string) =>
      name.endsWith('*') ? candidate.startsWith(name.slice(0, -1)) : candidate === name;
    const meant = SCENARIOS.filter((scenario) => isMeant(scenario.name));
    if (meant.length > 0) return meant;
    throw new DimeeError('BAD_CONFIGURATION', `There is no scenario “${name}”. See --help.`);
  });
}

function inWords({ name, about }: Scenario, { figures, faults, skipped }: Findings): string {
  const verdict =
    skipped !== undefined ? `not played: ${skipped}` : faults.length > 0 ? `FAULTS: ${faults.join('; ')}` : 'holds';
  const measured = Object.entries(figures).map(([figure, value]) => `${figure} ${Number(value.toPrecision(4))}`);
  return `${name}: ${about}\n  ${verdict}\n  ${measured.join(', ')}`;
}

runCommand(process.argv, HELP, main);
