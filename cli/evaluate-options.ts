import { DimeeError } from '../core/errors';
import { type Contender, CONTENDERS } from '../core/lab/contenders';
import { contenderById } from '../core/lab/trial-job';
import type { Plan } from '../core/layers';
import { DELIMITER_NAMES, DELIMITERS, type Delimiter } from '../core/own-data/dialect';
import { defaultVariantOf, type Manifest, taskOf, variantOf } from '../core/model/manifest';
import { PAYLOAD_DTYPES, type PayloadDtype, payloadsOf } from '../core/payload/dtypes';
import { ONLINE_POLICIES } from '../core/online';
import {
  calibratedParameters,
  POLICIES,
  type PolicyChoice,
  type PolicyParameters,
  resolveParameters,
} from '../core/policies';
import {
  anyText,
  describeOptions,
  type Environment,
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
import { secretFile } from '../edge-server/secret';
import type { Stream } from './learning';
import type { AskedSamples } from './samples';
import { USUAL_PATIENCE_S } from './row-walk';
import { type AskedPlan, PLAN_OPTIONS, planFor } from './plan-options';

const DEFAULT_PAYLOAD: PayloadDtype = 'int8';
const DEFAULT_STREAM: Stream = { seed: 1, passes: 1 };

const OPTIONS = {
  task: { placeholder: 'ID', help: 'Task of the model', read: anyText },
  file: {
    placeholder: 'FILE',
    help: 'Samples, labelled or not: CSV, TSV, JSON, lines of JSON, fastText, or a sentence a line, as the page opens them',
    read: optional(anyText),
  },
  textColumn: {
    placeholder: 'NAME|N',
    help: 'Column of the text, by its name or its number from 1; for pairs twice, or with a comma between',
    repeatable: true,
    read: optional((text) =>
      anyText(text)
        .split(',')
        .map((name) => name.trim()),
    ),
  },
  labelColumn: { placeholder: 'NAME|N', help: 'Column of the label', read: optional(anyText) },
  labels: {
    placeholder: 'WORD=CLASS,…',
    help: 'What words of the label column mean, as 1=positive,2=negative; with nothing behind “=” their rows are left out',
    read: optional(wordMeanings),
  },
  noLabels: givenOrNot('Run the file without its labels'),
  delimiter: {
    placeholder: 'NAME',
    help: `What divides the columns: ${Object.values(DELIMITER_NAMES).join(', ')}`,
    read: optional(delimiterNamed),
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
    read: oneOf(CONTENDERS.map(({ id }) => id)),
  },
  ...PLAN_OPTIONS,
  variant: {
    placeholder: 'ID',
    help: 'Weights, one of the model’s variants (default the model’s own choice)',
    read: optional(anyText),
  },
  payload: {
    placeholder: 'DTYPE',
    help: `How hidden states are written between tiers: ${PAYLOAD_DTYPES.join(', ')} (coded ones as int8 after layers without a codec) (default ${DEFAULT_PAYLOAD})`,
    read: optional(oneOf(PAYLOAD_DTYPES)),
  },
  edgeUrl: {
    placeholder: 'URL',
    help: 'WebSocket address of an edge server; given several times, the fastest is asked and another takes over where one is late or gone; without it all tiers run in this process',
    repeatable: true,
    read: optional((text) => text.split(',').map((url) => tierUrl(url.trim()))),
  },
  tokenFile: secretFile('DIMEE_TOKEN', 'File with the token that the edge server wants'),
  seed: {
    placeholder: 'N',
    help: `For a policy that learns: decides the order of the samples and everything that is random (default ${DEFAULT_STREAM.seed})`,
    read: optional(wholeNumber(1, 9999)),
  },
  passes: {
    placeholder: 'N',
    help: `For a policy that learns: how often all samples are streamed, each time in another order; counts are over all passes (default ${DEFAULT_STREAM.passes})`,
    read: optional(wholeNumber(1, 100)),
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
    help: 'Write one line of JSON a sample to this file: index, label, exitLayer, tier, confidence, tokens, tokensRead, tokensUnknown; a sample without a known token has a reason instead; for a policy that learns one a sample and pass, with pass and choice',
    read: optional(anyText),
  },
  results: {
    placeholder: 'FILE',
    help: 'Write a table of results to this file, row by row, and its settings beside it; the page opens it, and --resume goes on with it',
    read: optional(anyText),
  },
  timeline: {
    placeholder: 'FILE',
    help: 'Write where the milliseconds of every sample went to this file, as Trace Event JSON for Perfetto',
    read: optional(anyText),
  },
  resume: givenOrNot('Go on with --results where it ends: rows in it are not run again'),
  giveUpAfter: {
    placeholder: 'SECONDS',
    help: `How long a tier that does not answer is waited for (default ${USUAL_PATIENCE_S} once it has answered, before that not at all)`,
    read: optional(wholeNumber(0, 1_000_000)),
  },
  json: givenOrNot('Print one JSON object instead of a table'),
  help: helpSwitch,
} as const satisfies Options;

/** A flag for each parameter that any policy has; policies that call one alike share its flag, each with its own range. */
const PARAMETERS: Readonly<Record<string, Option<number | undefined>>> = Object.fromEntries(
  CONTENDERS.flatMap(({ parameters }) => parameters).map(({ id, label }) => [
    id,
    { placeholder: 'X', help: `${label}${rangesOf(id)}`, read: optional(anyNumber) },
  ]),
);

/** What was asked for, before the model is known that it is asked of. */
export type EvaluateRequest = Omit<Values<typeof OPTIONS>, 'policy' | 'payload' | 'seed' | 'passes'> & {
  readonly contender: Contender;
  /** Those that were given. */
  readonly parameters: PolicyParameters;
  readonly payload: PayloadDtype;
  /** How samples come to a policy that learns; others do not look at it. */
  readonly stream: Stream;
};

export type EvaluateOptions = Omit<EvaluateRequest, 'variant' | 'parameters' | keyof AskedPlan> & {
  readonly variant: string;
  readonly policy: PolicyChoice;
  readonly plan: Plan;
};

export const HELP = `Usage: npm run evaluate -- --task ID --file FILE [options]

Runs a data set through the ladder, as the page would, and sums up where its samples left and what that cost. What opens
in the page opens here; what cannot be known of columns and labels is an error that names the option to give.
Accuracy at the last exit, and agreement with it, come from running every sample through all layers on this machine,
outside the measurement and without rounding hidden states to a payload.

A policy that learns on the way is run over recorded exits: every sample goes through all layers on this machine first,
and what the exits said is then streamed to the policy in random order. It needs labels. No hidden state crosses,
so --payload and --edge-url do not apply and neither bytes nor latency are reported; its choices are, and its regret
against the best fixed one. The SplitEE family chooses the split itself and does not look at --mobile-layers and
--edge-layers. The oracle, which looks at labels, is run over recorded exits too.

${describeOptions(OPTIONS)}

Policies:
${describePolicies(POLICIES)}

Policies that learn on the way:
${describePolicies(ONLINE_POLICIES)}

Parameters of the policies (without them, confidence thresholds are those that the model brings for the task):
${describeOptions(PARAMETERS)}
`;

/** @throws DimeeError `BAD_CONFIGURATION`, saying what was expected. */
export function readEvaluateOptions(argv: readonly string[], environment: Environment = {}): EvaluateRequest {
  const table = { ...PARAMETERS, ...OPTIONS };
  const { policy: id, payload, seed, passes, ...options } = readOptions(table, argv, environment);
  const { file, sentences, results, timeline } = options;
  if ((file === undefined) === (sentences === undefined)) {
    throw refusal('Either --file or --sentences must be given, not both.');
  }
  checkReading(options);
  if (options.resume && results === undefined)
    throw refusal('--resume goes on with a results file: name it with --results.');
  const given = Object.entries(options).flatMap(([key, value]) =>
    Object.hasOwn(PARAMETERS, key) && typeof value === 'number' ? [[key, value] as const] : [],
  );
  const contender = contenderById(id);
  checkApplies(contender, { payload, seed, passes, sentences, results, timeline, edgeUrl: options.edgeUrl });
  return {
    ...{ ...options, contender, parameters: Object.fromEntries(given), payload: payload ?? DEFAULT_PAYLOAD },
    stream: { seed: seed ?? DEFAULT_STREAM.seed, passes: passes ?? DEFAULT_STREAM.passes },
  };
}

/**
 * What a request is to a model: its layers and variants fill in what was not given.
 * @throws DimeeError `BAD_INPUT` for a task, plan, variant or payload that the model does not have, or a parameter that the
 * policy does not have or allow.
 */
export function optionsFor(
  { variant: asked, parameters, ...request }: EvaluateRequest,
  manifest: Manifest,
): EvaluateOptions {
  const { task, contender, payload } = request;
  const { thresholds } = taskOf(manifest, task);
  const variant = asked ?? defaultVariantOf(manifest, 'native');
  variantOf(manifest, variant);
  const calibrated = calibratedParameters(contender, manifest.layers, thresholds);
  const payloads = payloadsOf(manifest);
  if (!payloads.includes(payload)) {
    throw new DimeeError('BAD_INPUT', `The model has no payload “${payload}”. Choose one of: ${payloads.join(', ')}.`);
  }
  return {
    ...{ ...request, variant, plan: planFor(request, manifest) },
    policy: {
      id: contender.id,
      parameters: resolveParameters(contender, manifest.layers, { ...calibrated, ...parameters }),
    },
  };
}

/** Whether the policy is judged on recorded exits of labelled samples: it learns, or it looks at their labels. */
export function isReplayed(contender: Contender): boolean {
  return contender.role === 'learner' || contender.role === 'oracle';
}

/** @throws DimeeError `BAD_CONFIGURATION` for an option that says nothing to the policy. */
function checkApplies(
  contender: Contender,
  given: Readonly<Record<'payload' | 'edgeUrl' | 'sentences' | 'results' | 'timeline' | 'seed' | 'passes', unknown>>,
): void {
  const { id } = contender;
  const isGiven = (key: keyof typeof given) => given[key] !== undefined;
  if (contender.role !== 'learner' && (isGiven('seed') || isGiven('passes'))) {
    const learning = ONLINE_POLICIES.map((policy) => policy.id).join(', ');
    throw refusal(`--seed and --passes are for policies that learn (${learning}); “${id}” does not. Leave them out.`);
  }
  if (!isReplayed(contender)) return;
  if (isGiven('sentences')) {
    throw refusal(
      `“${id}” is judged by the right labels, and --sentences has none. Give labelled samples with --file.`,
    );
  }
  if (isGiven('results')) {
    throw refusal(`--results is written row by row, and “${id}” looks at all rows at once. Use --predictions.`);
  }
  if (isGiven('timeline')) {
    throw refusal(`--timeline shows ways through the tiers, and “${id}” runs over recorded exits. Leave it out.`);
  }
  if (isGiven('payload') || isGiven('edgeUrl')) {
    const why = 'it runs over exits recorded in this process, where no hidden state crosses';
    throw refusal(`--payload and --edge-url do not apply to “${id}”: ${why}. Leave them out.`);
  }
}

/** @throws DimeeError `BAD_CONFIGURATION` for what is said of a table that is not read. */
function checkReading({ sentences, ...options }: Omit<AskedSamples, 'file' | 'limit'>): void {
  if (options.noLabels && (options.labels ?? options.labelColumn) !== undefined) {
    throw refusal('--no-labels goes with neither --labels nor --label-column.');
  }
  if (sentences === undefined) return;
  const { textColumn, labelColumn, labels, delimiter } = options;
  const isSaid = [textColumn, labelColumn, labels, delimiter].some((value) => value !== undefined) || options.noLabels;
  if (isSaid) throw refusal('Columns and labels are for --file; --sentences has a sentence a line, and no more.');
}

function wordMeanings(text: string): ReadonlyMap<string, string> {
  const entries = text.split(',').map((entry) => {
    const place = entry.lastIndexOf('=');
    if (place < 1) throw new Expected('like 1=positive,2=negative');
    return [entry.slice(0, place).trim(), entry.slice(place + 1).trim()] as const;
  });
  return new Map(entries);
}

function delimiterNamed(text: string): Delimiter {
  const found = DELIMITERS.find((delimiter) => DELIMITER_NAMES[delimiter] === text || delimiter === text);
  if (found !== undefined) return found;
  throw new Expected(`one of ${Object.values(DELIMITER_NAMES).join(', ')}`);
}

function refusal(problem: string): DimeeError {
  return new DimeeError('BAD_CONFIGURATION', `${problem} See --help.`);
}

function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new Expected('a number');
}

function describePolicies(policies: readonly Pick<Contender, 'id' | 'rule'>[]): string {
  const width = Math.max(...CONTENDERS.map(({ id }) => id.length));
  return policies.map(({ id, rule }) => `  ${id.padEnd(width)}  ${rule}`).join('\n');
}

/** Which policies take the parameter, and from where to where. */
function rangesOf(id: string): string {
  const policiesByRange = new Map<string, string[]>();
  for (const policy of CONTENDERS) {
    for (const { min, max, default: preset } of policy.parameters.filter((spec) => spec.id === id)) {
      const range = `${min} to ${max === 'layers' ? 'the model’s layers' : max}, default ${preset}`;
      policiesByRange.set(range, [...(policiesByRange.get(range) ?? []), policy.id]);
    }
  }
  const ranges = [...policiesByRange].map(([range, policies]) => `${policies.join(', ')}: ${range}`);
  return ` (${ranges.join('; ')})`;
}
