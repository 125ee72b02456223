import { PAYLOAD_DTYPES } from '../../core/payload/dtypes';
import {
  anyText,
  describeOptions,
  type Environment,
  Expected,
  givenOrNot,
  helpSwitch,
  oneOf,
  type Options,
  optional,
  policyChoice,
  positiveNumber,
  readOptions,
  tierUrl,
  type Values,
  wholeNumber,
} from '../../edge-server/command-line';
import { DEFAULT_MODEL_FOLDER } from '../../edge-server/configuration';
import { secretFile } from '../../edge-server/secret';
import { ARRIVALS } from './arrivals';
import { type Lengths, readLengths } from './lengths';

const OPTIONS = {
  url: {
    placeholder: 'URL',
    fallback: 'ws://localhost:8787',
    help: 'WebSocket address of an edge server',
    read: (text) => tierUrl(text ?? ''),
  },
  tokenFile: secretFile('DIMEE_TOKEN', 'File with the token that the server wants'),
  connections: { placeholder: 'N', fallback: '8', help: 'Clients', read: wholeNumber(1, 100_000) },
  rate: {
    placeholder: 'R',
    fallback: '50',
    help: 'Samples a second of all clients together; with --find-capacity, the first to be tried',
    read: positiveNumber,
  },
  seconds: { placeholder: 'S', fallback: '10', help: 'How long samples come', read: positiveNumber },
  arrivals: {
    placeholder: 'KIND',
    fallback: 'poisson',
    help: 'How they come: poisson (at random), or steady (each client at equal gaps)',
    read: oneOf(ARRIVALS),
  },
  from: {
    placeholder: 'KIND',
    fallback: 'layer',
    help: 'text: samples enter before layer 1, which the edge runs then; layer: after the mobile tier’s layers',
    read: oneOf(['text', 'layer']),
  },
  lengths: {
    placeholder: 'WHICH',
    fallback: 'glue',
    help: 'Tokens of a sample: glue (as the rows of the recorded dev splits have), a number, or a range like 8-64',
    read: lengthsFrom,
  },
  policy: {
    placeholder: 'ID[,PARAMETER=X…]',
    fallback: 'confidence',
    help: 'When samples leave, as confidence,mobileThreshold=0.9,edgeThreshold=0.9; without parameters, as calibrated',
    read: policyChoice,
  },
  exits: {
    placeholder: 'WHICH',
    fallback: 'policy',
    help: 'Where samples leave: policy (as the policy says of our sentences), or recorded (as it said of the rows of the recorded dev splits, in their lengths; those that left on the device are due, and not sent)',
    read: oneOf(['policy', 'recorded']),
  },
  tasks: {
    placeholder: 'ID,…',
    help: 'Tasks in turn (default all of the model)',
    read: optional((text) => text.split(',')),
  },
  mobileLayers: { placeholder: 'N', fallback: '4', help: 'Layers of the mobile tier', read: wholeNumber(1, 48) },
  edgeLayers: {
    placeholder: 'N',
    fallback: '8',
    help: 'Last layer of the edge tier',
    read: wholeNumber(1, 48),
  },
  payload: {
    placeholder: 'DTYPE',
    fallback: 'int8',
    help: `How hidden states are written: ${PAYLOAD_DTYPES.join(', ')}`,
    read: oneOf(PAYLOAD_DTYPES),
  },
  variant: { placeholder: 'ID', help: 'Weights (default the model’s own choice)', read: optional(anyText) },
  deadlineMs: {
    placeholder: 'MS',
    fallback: '1000',
    help: 'Milliseconds in which an answer is of use, from when its sample is due; the server is told',
    read: wholeNumber(1, 120_000),
  },
  seed: { placeholder: 'N', fallback: '1', help: 'Of all that is drawn', read: wholeNumber(1, 1_000_000) },
  findCapacity: givenOrNot('Find the highest rate of which 99 % are answered in time, to within a tenth'),
  model: {
    placeholder: 'FOLDER',
    fallback: DEFAULT_MODEL_FOLDER,
    help: 'Folder with the manifest.json of the model that the server runs',
    read: anyText,
  },
  json: givenOrNot('Print one JSON object'),
  help: helpSwitch,
} as const satisfies Options;

export type LoadOptions = Values<typeof OPTIONS>;

export const HELP = `Usage: npm run load -- --url URL --connections N --rate R --seconds S [options]

Offers samples to an edge server as they are due, whatever became of earlier ones (an open loop), and counts their
milliseconds from when they were due. Prints what was answered, what in time, latencies, fairness between clients, what was
not answered and why, and where samples left. What the server refuses is not asked for again.

${describeOptions(OPTIONS)}

The sentences are ours. For --from layer the mobile layers are run here before the load begins.
`;

/** @throws DimeeError `BAD_CONFIGURATION`, saying what was expected. */
export function readLoadOptions(argv: readonly string[], environment: Environment = {}): LoadOptions {
  return readOptions(OPTIONS, argv, environment);
}

function lengthsFrom(text = ''): Lengths {
  const lengths = readLengths(text);
  if (lengths !== undefined) return lengths;
  throw new Expected('glue, a number from 3 to 512, or a range like 8-64');
}
