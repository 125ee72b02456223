import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DimeeError } from '../core/errors';
import { DEFAULT_MODEL } from '../core/model/default-model';
import { LOG_CHOICES, LOG_FORMATS } from './log';
import { readMetricsPlace } from './operations/metrics-place';
import { RUNTIME_CHOICES } from './onnx';
import { readProxies } from './client-address';
import { readLinkPlace } from './link-place';
import { readBasePath } from './base-path';
import { readHosts, readOrigins } from './names';
import { secretFile } from './secret';
import {
  anyText,
  cloudUrl,
  describeOptions,
  type Environment,
  helpSwitch,
  httpUrl,
  oneOf,
  optional,
  type Options,
  readOptions,
  share,
  type Values,
  wholeNumber,
} from './command-line';

const inRepository = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const DEFAULT_MODEL_FOLDER = inRepository(`public/models/${DEFAULT_MODEL}`);

const OPTIONS = {
  port: {
    placeholder: 'N',
    variable: 'PORT',
    fallback: '8787',
    help: 'Port to listen on; 0 takes a free one',
    read: wholeNumber(0, 65_535),
  },
  host: {
    placeholder: 'NAME',
    variable: 'HOST',
    fallback: '127.0.0.1',
    help: 'Address to listen on; 0.0.0.0 lets other devices in. What is no address in HOST is left aside',
    read: anyText,
  },
  tlsCert: {
    placeholder: 'FILE',
    variable: 'DIMEE_TLS_CERT',
    help: 'Certificate in PEM, with those that vouch for it; with it and --tls-key the server speaks https and wss',
    read: optional(anyText),
  },
  tlsKey: {
    placeholder: 'FILE',
    variable: 'DIMEE_TLS_KEY',
    help: 'The certificate’s key in PEM',
    read: optional(anyText),
  },
  basePath: {
    placeholder: 'PATH',
    variable: 'DIMEE_BASE_PATH',
    fallback: '/',
    help: 'Path that page, tier and /healthz are served below, too, for a proxy that leaves its prefix on',
    read: readBasePath,
  },
  tier: {
    placeholder: 'NAME',
    variable: 'DIMEE_TIER',
    fallback: 'edge',
    help: 'edge serves the page and the edge tier, cloud the cloud tier alone',
    read: oneOf(['edge', 'cloud']),
  },
  cloudUrl: {
    placeholder: 'URL',
    variable: 'DIMEE_CLOUD_URL',
    help: 'Address of a cloud tier: ws:// or wss:// of one like this, grpc:// or grpcs:// of an engine that speaks the Open Inference Protocol; without it the cloud tier runs in this process',
    read: optional(cloudUrl),
  },
  cloudTokenFile: secretFile('DIMEE_CLOUD_TOKEN', 'File with the token that the cloud tier wants'),
  tokenFile: secretFile(
    'DIMEE_TOKEN',
    'File with a token that clients have to show; without it nobody is asked for one',
  ),
  model: {
    placeholder: 'FOLDER',
    variable: 'DIMEE_MODEL',
    fallback: DEFAULT_MODEL_FOLDER,
    help: 'Folder with a model’s manifest.json, which the page opens, too',
    read: anyText,
  },
  static: {
    placeholder: 'FOLDER',
    variable: 'DIMEE_STATIC',
    fallback: inRepository('dist'),
    help: 'Folder of the built page',
    read: anyText,
  },
  links: {
    placeholder: 'PLACE',
    variable: 'DIMEE_LINKS',
    help: 'Where short links are kept, with the sentences in them: a folder, redis://HOST:PORT, or s3://BUCKET?endpoint=URL; without it they last until this process ends',
    read: optional(readLinkPlace),
  },
  linksMegabytes: {
    placeholder: 'N',
    variable: 'DIMEE_LINKS_MEGABYTES',
    fallback: '1000',
    help: 'What a folder of short links may hold; a full one takes no more',
    read: wholeNumber(1, 1_000_000),
  },
  trustedProxies: {
    placeholder: 'ADDRESSES',
    variable: 'DIMEE_TRUSTED_PROXIES',
    help: 'Proxies whose X-Forwarded-For says who asks, like 127.0.0.1,10.0.0.0/8: limits are counted by client then',
    read: optional(readProxies),
  },
  allowOrigin: {
    placeholder: 'ORIGINS',
    variable: 'DIMEE_ALLOW_ORIGIN',
    help: 'Origins whose pages may ask this tier besides its own page, like https://you.github.io; * for any',
    read: optional(readOrigins),
  },
  allowHost: {
    placeholder: 'NAMES',
    variable: 'DIMEE_ALLOW_HOST',
    help: 'Names under which the server may be asked besides addresses, names without a dot, .local, and those that trusted proxies pass on; *.lab.example for all below one, * for any',
    read: optional(readHosts),
  },
  runtime: {
    placeholder: 'NAME',
    variable: 'DIMEE_RUNTIME',
    fallback: 'auto',
    help: 'ONNX runtime: native, wasm, or auto for the native one where this machine has it',
    read: oneOf(RUNTIME_CHOICES),
  },
  threads: {
    placeholder: 'N',
    variable: 'DIMEE_THREADS',
    // Median of 12 q8 layers on 2 cores with one thread and with two: 32 tokens 16 and 18 ms, 128 tokens 79 and 65 ms.
    // Most samples are short.
    fallback: '1',
    help: 'Threads of the ONNX runtime within a layer, in each worker',
    read: wholeNumber(1, 256),
  },
  workers: {
    placeholder: 'N',
    variable: 'DIMEE_WORKERS',
    help: 'Workers that compute side by side, each with a copy of the weights in use; by default one a core, or fewer with more --threads',
    read: optional(wholeNumber(1, 256)),
  },
  batchTokens: {
    placeholder: 'N',
    variable: 'DIMEE_BATCH_TOKENS',
    // `BATCH_BOUNDS` says where it comes from.
    fallback: '384',
    help: 'Tokens that samples of one batch have together, padded to the longest; 1 computes each sample alone',
    read: wholeNumber(1, 65_536),
  },
  maxQueue: {
    placeholder: 'N',
    variable: 'DIMEE_MAX_QUEUE',
    fallback: '1024',
    help: 'Samples that may be here at a time, waiting or computing; more are answered OVERLOADED',
    read: wholeNumber(1, 1_000_000),
  },
  maxQueueTokens: {
    placeholder: 'N',
    variable: 'DIMEE_MAX_QUEUE_TOKENS',
    fallback: '16384',
    help: 'Tokens that samples here may have together; what goes beyond is answered OVERLOADED',
    read: wholeNumber(1, 100_000_000),
  },
  maxWaitMs: {
    placeholder: 'MS',
    variable: 'DIMEE_MAX_WAIT_MS',
    fallback: '800',
    help: 'Milliseconds that a sample may have to wait, by the speed measured; where it is more it is answered OVERLOADED',
    read: wholeNumber(1, 600_000),
  },
  maxInFlight: {
    placeholder: 'N',
    variable: 'DIMEE_MAX_IN_FLIGHT',
    fallback: '32',
    help: 'Requests of one client at a time; more are answered OVERLOADED',
    read: wholeNumber(1, 100_000),
  },
  heldMegabytes: {
    placeholder: 'N',
    variable: 'DIMEE_HELD_MEGABYTES',
    fallback: '64',
    help: 'Hidden states kept so that samples can climb on, for each tier and variant',
    read: wholeNumber(0, 1_000_000),
  },
  maxConnections: {
    placeholder: 'N',
    variable: 'DIMEE_MAX_CONNECTIONS',
    // An idle one takes some 5 KB.
    fallback: '8192',
    help: 'Clients connected at a time; more are answered HTTP 503',
    read: wholeNumber(1, 1_000_000),
  },
  maxConnectionsPerAddress: {
    placeholder: 'N',
    variable: 'DIMEE_MAX_CONNECTIONS_PER_ADDRESS',
    // A whole lecture hall may come from one address; half of all leaves room for who comes from another.
    fallback: '4096',
    help: 'Those of one address (of IPv6, of one /64); more are answered HTTP 429. Behind a proxy, see --trusted-proxies',
    read: wholeNumber(1, 1_000_000),
  },
  drainSeconds: {
    placeholder: 'N',
    variable: 'DIMEE_DRAIN_SECONDS',
    fallback: '10',
    help: 'Seconds from SIGTERM or Ctrl-C to the end: no new work, /readyz says 503, what is in flight is answered',
    read: wholeNumber(0, 3600),
  },
  logLevel: {
    placeholder: 'NAME',
    variable: 'DIMEE_LOG_LEVEL',
    fallback: 'info',
    help: 'What is written to standard error: debug (a line a request, without its text), info, warn, error or silent',
    read: oneOf(LOG_CHOICES),
  },
  logFormat: {
    placeholder: 'NAME',
    variable: 'DIMEE_LOG_FORMAT',
    fallback: 'auto',
    help: 'A line of the log is text, json, or auto for text on a terminal and JSON elsewhere',
    read: oneOf(LOG_FORMATS),
  },
  metrics: {
    placeholder: 'PLACE',
    variable: 'DIMEE_METRICS',
    fallback: 'off',
    help: 'Where Prometheus reads /metrics: off; a port, or HOST:PORT, of their own (a port alone is for this machine); or here, beside the page, for all who see that',
    read: readMetricsPlace,
  },
  shadowShare: {
    placeholder: 'N',
    variable: 'DIMEE_SHADOW_SHARE',
    fallback: '0',
    help: 'Share of the samples that left early which are run on to the last layer while nobody waits, such as 0.01; metrics and log say how they agree',
    read: share,
  },
  otlpUrl: {
    placeholder: 'URL',
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    help: 'Collector that takes traces as OTLP over HTTP (JSON), such as http://localhost:4318; without it nothing is traced',
    read: optional(httpUrl),
  },
  traceShare: {
    placeholder: 'N',
    variable: 'DIMEE_TRACE_SHARE',
    fallback: '1',
    help: 'Share of requests that are traced, 0 to 1; with the same at edge and cloud they trace the same ones',
    read: share,
  },
  help: helpSwitch,
} as const satisfies Options;

export type Configuration = Values<typeof OPTIONS>;

/** @throws DimeeError `BAD_CONFIGURATION`, saying what was expected. */
export function readConfiguration(argv: readonly string[], environment: Environment = {}): Configuration {
  const { HOST, ...others } = environment;
  const configuration = readOptions(OPTIONS, argv, isAddress(HOST) ? environment : others);
  if (configuration.tier === 'cloud' && configuration.cloudUrl !== undefined) {
    throw new DimeeError('BAD_CONFIGURATION', '--cloud-url is for the edge tier: the cloud tier has no tier above it.');
  }
  if (configuration.tier === 'cloud' && configuration.links !== undefined) {
    throw new DimeeError('BAD_CONFIGURATION', '--links is for the edge tier: the cloud tier has no page to link to.');
  }
  if (configuration.cloudTokenFile && configuration.cloudUrl === undefined) {
    throw new DimeeError(
      'BAD_CONFIGURATION',
      '--cloud-token-file is for the cloud tier that --cloud-url names: give both.',
    );
  }
  if ((configuration.tlsCert === undefined) !== (configuration.tlsKey === undefined)) {
    throw new DimeeError('BAD_CONFIGURATION', '--tls-cert and --tls-key belong together: give both, or neither.');
  }
  return configuration;
}

/** Why HOST does not say where to listen: Conda and some shells keep the name of a machine or a target there. */
export function ignoredHost({ HOST }: Environment): string | undefined {
  if (!HOST || isAddress(HOST)) return undefined;
  return `HOST is “${HOST}”, which is no address to listen on, and is left aside. Give one with --host.`;
}

function isAddress(host = ''): boolean {
  return host === 'localhost' || isIP(host) > 0;
}

export const HELP = `Usage: npm start -- [options]

Serves the page, and runs the layers that samples have left after the mobile tier.
Its own page may ask it, programs may, and pages of the origins named with --allow-origin. What a client may use is bounded
by the limits below; SECURITY.md says what is protected from whom.

${describeOptions(OPTIONS)}

The cloud tier in a process of its own:
  npm start -- --tier cloud --port 8788
  npm start -- --cloud-url ws://localhost:8788
`;
