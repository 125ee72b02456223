import { DimeeError } from '../core/errors';
import type { Plan } from '../core/layers';
import { PAYLOAD_DTYPES } from '../core/model/hidden-state';
import { POLICIES, type PolicyChoice, resolvePolicy } from '../core/policies';
import { LIMITS } from '../core/protocol/limits';
import {
  anyText,
  describeOptions,
  Expected,
  givenOrNot,
  helpSwitch,
  oneOf,
  type Option,
  type Options,
  optional,
  readOptions,
  tierUrl,
  type Values,
  wholeNumber,
} from '../edge-server/command-line';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';

const OPTIONS = {
  task: { placeholder: 'ID', help: 'Task of the model, such as sst2', read: anyText },
  file: {
    placeholder: 'FILE',
    help: 'Labelled samples: a header line, then sentence<TAB>label or sentence1<TAB>sentence2<TAB>label',
    read: optional(anyText),
  },
  sentences: {
    placeholder: 'FILE',
    help: 'Samples without labels instead, one a line, the two of a pair separated by a tab',
    read: optional(anyText),
  },
  policy: {
    placeholder: 'ID',
    fallback: 'confidence',
    help: 'When samples leave; see below',
    read: oneOf(POLICIES.map(({ id }) => id)),
  },
  mobileLayers: {
    placeholder: 'N',
    fallback: '4',
    help: 'Last layer of the mobile tier',
    read: wholeNumber(1, LIMITS.maxLayers),
  },
  edgeLayers: {
    placeholder: 'N',
    fallback: '8',
    help: 'Last layer of the edge tier',
    read: wholeNumber(1, LIMITS.maxLayers),
  },
  variant: { placeholder: 'ID', fallback: 'q8', help: 'Weights: q8 or fp16', read: anyText },
  payload: {
    placeholder: 'DTYPE',
    fallback: 'int8',
    help: `How hidden states are written between tiers: ${PAYLOAD_DTYPES.join(', ')} (low-rank ones as int8 after layers without a bottleneck)`,
    read: oneOf(PAYLOAD_DTYPES),
  },
  edgeUrl: {
    placeholder: 'URL',
    help: 'WebSocket address of an edge server; without it all tiers run in this process',
    read: optional(tierUrl),
  },
  limit: { placeholder: 'N', help: 'Take the first N samples only', read: optional(wholeNumber(1, 100_000_000)) },
  model: {
    placeholder: 'FOLDER',
    fallback: DEFAULT_MODEL_FOLDER,
    help: 'Folder with the model’s manifest.json',
    read: anyText,
  },
  predictions: {
    placeholder: 'FILE',
    help: 'Write one line of JSON a sample to this file: index, label, exitLayer, tier, confidence',
    read: optional(anyText),
  },
  json: givenOrNot('Print one JSON object instead of a table'),
  help: helpSwitch,
} as const satisfies Options;

/** A flag for each parameter that any policy has. */
const PARAMETERS: Readonly<Record<string, Option<number | undefined>>> = Object.fromEntries(
  POLICIES.flatMap(({ parameters }) => parameters).map(({ id, label }) => [
    id,
    { placeholder: 'X', help: `${label}${rangesOf(id)}`, read: optional(anyNumber) },
  ]),
);

export type EvaluateOptions = Omit<Values<typeof OPTIONS>, 'policy'> & {
  readonly policy: PolicyChoice;
  readonly plan: Plan;
};

export const HELP = `Usage: npm run evaluate -- --task ID --file FILE [options]

Runs a labelled data set through the ladder, as the page would, and sums up where its samples left and what that cost.
Accuracy at the last exit, and agreement with it, come from running every sample through all layers on this machine,
outside the measurement and without rounding hidden states to a payload.

${describeOptions(OPTIONS)}

Policies:
${describePolicies()}

Parameters of the policies:
${describeOptions(PARAMETERS)}
`;

/** @throws DimeeError `BAD_CONFIGURATION`, or `BAD_INPUT` for a parameter that the policy does not have or allow. */
export function readEvaluateOptions(argv: readonly string[]): EvaluateOptions {
  const { policy: id, ...options } = readOptions({ ...PARAMETERS, ...OPTIONS }, argv);
  const { file, sentences, mobileLayers, edgeLayers } = options;
  if ((file === undefined) === (sentences === undefined)) {
    throw new DimeeError('BAD_CONFIGURATION', 'Either --file or --sentences must be given, not both. See --help.');
  }
  const given = Object.entries(options).flatMap(([key, value]) =>
    Object.hasOwn(PARAMETERS, key) && typeof value === 'number' ? [[key, value] as const] : [],
  );
  const { parameters } = resolvePolicy({ id, parameters: Object.fromEntries(given) });
  return { ...options, policy: { id, parameters }, plan: { mobileLayers, edgeLayers } };
}

function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new Expected('a number');
}

function describePolicies(): string {
  const width = Math.max(...POLICIES.map(({ id }) => id.length));
  return POLICIES.map(({ id, rule }) => `  ${id.padEnd(width)}  ${rule}`).join('\n');
}

/** Which policies take the parameter, and from where to where. */
function rangesOf(id: string): string {
  const ranges = POLICIES.flatMap((policy) =>
    policy.parameters
      .filter((spec) => spec.id === id)
      .map(({ min, max, default: preset }) => `${policy.id} ${min} to ${max}, default ${preset}`),
  );
  return ` (${ranges.join('; ')})`;
}
