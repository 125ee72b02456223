import { availableParallelism } from 'node:os';
import {
  anyText,
  describeOptions,
  givenOrNot,
  helpSwitch,
  oneOf,
  type Options,
  optional,
  policyChoice,
  positiveNumber,
  readOptions,
  type Values,
  wholeNumber,
} from '../edge-server/command-line';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';
import { PLAN_OPTIONS } from './plan-options';

const OPTIONS = {
  users: { placeholder: 'N', fallback: '300', help: 'People who use it at the same time', read: wholeNumber(1, 1e9) },
  rate: { placeholder: 'R', fallback: '1', help: 'Sentences a second, of each of them', read: positiveNumber },
  p95: {
    placeholder: 'MS',
    fallback: '500',
    help: 'Within which 95 of 100 sentences that leave the device are to be answered, without the network',
    read: positiveNumber,
  },
  cloud: {
    placeholder: 'WHERE',
    fallback: 'edge',
    help: 'Where the cloud tier’s layers run: edge (in the edges’ own processes) or apart (on machines of their own)',
    read: oneOf(['edge', 'apart']),
  },
  cores: {
    placeholder: 'N',
    fallback: String(availableParallelism()),
    help: 'Cores of a machine (default those of this one)',
    read: wholeNumber(1, 1024),
  },
  costs: {
    placeholder: 'FILE',
    help: 'What a machine takes for its work, as `npm run bench -- capacity --json` prints it there (default the one that was measured for this)',
    read: optional(anyText),
  },
  price: {
    placeholder: 'X',
    help: 'Of a machine, an hour: what all of it costs is printed, too',
    read: optional(positiveNumber),
  },
  policy: {
    placeholder: 'ID[,PARAMETER=X…]',
    fallback: 'confidence',
    help: 'When samples leave, as confidence,mobileThreshold=0.9,edgeThreshold=0.9; without parameters, as calibrated',
    read: policyChoice,
  },
  model: {
    placeholder: 'FOLDER',
    fallback: DEFAULT_MODEL_FOLDER,
    help: 'Folder with the model’s manifest.json and its traces',
    read: anyText,
  },
  ...PLAN_OPTIONS,
  json: givenOrNot('Print JSON'),
  help: helpSwitch,
} as const satisfies Options;

export type CapacityOptions = Values<typeof OPTIONS>;

export const HELP = `Usage: npm run plan -- [options]

How many machines so many people need. An edge is simulated event by event, with the scheduler that the real one has, on
rows of the recorded dev splits in their lengths and with their exits, until the most is found that it bears within the time
that is allowed. What a layer takes was measured; \`npm run bench -- capacity\` measures it on a machine of yours, and how
near the simulation comes to a real edge there. The network, failures and spare machines are not in it.

${describeOptions(OPTIONS)}
`;

/** @throws DimeeError `BAD_CONFIGURATION`, saying what was expected. */
export function readCapacityOptions(argv: readonly string[]): CapacityOptions {
  return readOptions(OPTIONS, argv);
}
