import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { DimeeError } from '../core/errors';
import type { LayerRuntime } from '../core/model/layer-runtime';
import type { Log } from '../core/log';
import { defaultVariantOf, type Manifest } from '../core/model/manifest';
import type { StateCodecs } from '../core/payload/state-codecs';
import type { StateCoder } from '../core/payload/state-coder';
import { Admission } from '../core/scheduling/admission';
import type { PolicyFiles } from '../core/trace/policy-files';
import type { ViewReplay } from '../core/view/replayed-view';
import { SUBPROTOCOL } from '../core/protocol/limits';
import { TIER_PATH } from '../core/protocol/socket';
import { LINKS_PATH } from '../core/view/short-link';
import { enterBelow } from './base-path';
import { type Configuration, DEFAULT_MODEL_FOLDER } from './configuration';
import { Connection } from '../core/protocol/connection';
import { watchAll } from '../core/protocol/watcher';
import type { BatchReport, PoolStatus } from './compute/pool';
import { holderOf, isNear } from './client-address';
import { Door } from './door';
import { Guard } from './guard';
import { LinkStore } from './link-store';
import { isAllowedOrigin, isAskedByOwnName, NOT_OURS } from './names';
import { Metrics, type MetricSources } from './operations/metrics';
import { METRICS_PATH, metricsApart, metricsBeside } from './operations/metrics-place';
import { probes } from './operations/probes';
import { ShadowRuns } from './operations/shadow-runs';
import type { Traces } from './operations/traces';
import { Previews } from './previews';
import { rasterise } from './rasterise';
import { Shares } from './shares';
import { shortLinks } from './short-links';
import { type Answer, sendJson, sendText, staticFiles } from './static-files';
import { Tiers } from './tiers';
import { readTls } from './tls';
import { openSocket, SocketAcceptor } from './web-socket';

/** What computes: the runtimes of a model's variants. */
export interface Runtimes {
  of(variant: string): LayerRuntime;
  /** Layers ready to run, by variant. */
  readonly layersLoaded: Readonly<Record<string, number>>;
  /** Which ONNX runtime computes, once one does. */
  readonly runtimeName?: string | undefined;
  /** What computes side by side. */
  readonly workers: number;
  /** Reads and writes coded payloads off this thread. */
  readonly coder: StateCoder;
  readonly status: PoolStatus;
  /** Tells of every batch from now on. */
  watch(listener: (report: BatchReport) => void): void;
  close(): Promise<void>;
}

export interface ServerParts {
  readonly configuration: Configuration;
  readonly manifest: Manifest;
  readonly codecs: StateCodecs;
  readonly policyFiles?: PolicyFiles | undefined;
  /** For pictures of links, which are the page's own without it. */
  readonly replay?: ViewReplay;
  readonly runtimes: Runtimes;
  readonly traces?: Pick<Traces, 'watcher' | 'close'> | undefined;
  readonly log: Log;
}

export interface RunningServer {
  readonly port: number;
  /** Where metrics are read, if at a port of their own. */
  readonly metricsPort: number | undefined;
  /** Makes the tiers of a variant, and the way to those elsewhere, before a client asks for them. */
  prepare(variant: string): void;
  /** Takes no more; resolves once all that is in flight has been answered. */
  drain(): Promise<void>;
  /** Stops listening, aborts what runs and closes every socket with 1001. */
  close(): Promise<void>;
}

const now = () => performance.now();
const HEALTH_PATH = '/healthz';
const GOING_AWAY = 1001;
/** Connections that fetch files, beside those to the tier. */
const BESIDE_TIERS = 1024;

/**
 * Listens for people (the page), for machines that watch (`/healthz`), and for the tiers below (`TIER_PATH`).
 * @throws DimeeError `BAD_CONFIGURATION` where it cannot listen.
 */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { configuration, manifest, codecs, policyFiles, runtimes, traces, log } = parts;
  const { tier, basePath, maxConnections, maxConnectionsPerAddress, maxInFlight, trustedProxies } = configuration;
  const { maxQueue, maxQueueTokens, maxWaitMs, tokenFile } = configuration;
  const runtimeOf = (variant: string) => runtimes.of(variant);
  let isDraining = false;
  const defaultVariant = defaultVariantOf(manifest, 'wasm');
  const isLoaded = () => runtimes.layersLoaded[defaultVariant] === manifest.layers;
  const metricSources: MetricSources = {
    tier,
    tiers: () => tiers.loads,
    compute: () => runtimes.status,
    cloud: () => tiers,
    connections: () => acceptor.connections,
    traffic: () => acceptor.traffic,
    isReady: () => isLoaded() && !isDraining,
  };
  const metrics = configuration.metrics.kind === 'off' ? undefined : new Metrics(metricSources);
  if (metrics) runtimes.watch(metrics.batch);
  const shadow = shadowRunsOf(parts, metrics, () => Object.values(tiers.loads).every(({ running }) => running === 0));
  const onLeftEarly = shadow?.offer;
  const tiers: Tiers = new Tiers({
    ...{
      configuration,
      manifest,
      codecs,
      coder: runtimes.coder,
      policyFiles,
      runtimeOf,
      openSocket,
      onLeftEarly,
      log,
      now,
    },
  });
  const admission = new Admission({
    ...{ maxSamples: maxQueue, maxTokens: maxQueueTokens, maxWaitMs },
    ...{ workers: runtimes.workers, random: Math.random },
  });
  const watchers = [metrics, traces?.watcher((name) => name in tiers.loads)];
  const watcher = watchAll(watchers.filter((each) => each !== undefined));
  const guard = new Guard(tokenFile, now);
  const acceptor: SocketAcceptor = new SocketAcceptor(
    (socket, address) =>
      new Connection(socket, {
        name: tier,
        manifest,
        codecs,
        tierOf: (variant) => tiers.entryOf(variant),
        maxInFlight,
        coder: runtimes.coder,
        admit: (tokens, client) => admission.enter(tokens, { client, address }),
        authorize: (token) => guard.refusalOf(token, address),
        believesEdges: tier === 'cloud' && (tokenFile !== undefined || isNear(address)),
        retryAfterMs: () => admission.retryAfterMs,
        now,
        log,
        watcher,
      }),
  );
  const startedAt = now();
  const probe = probes({ isLoaded, isDraining: () => isDraining });
  const healthAt = (path: string) => (path === HEALTH_PATH ? sendHealth : undefined);
  const sendHealth: Answer = (_request, response) => sendJson(response, 200, health());
  const health = () => ({
    status: 'ok',
    tier,
    model: { id: manifest.id, hash: manifest.hash, variants: Object.keys(manifest.variants) },
    runtime: runtimes.runtimeName,
    layersLoaded: runtimes.layersLoaded,
    ...tiers.status,
    inside: admission.inside,
    compute: runtimes.status,
    connections: acceptor.connections,
    sockets: { ...door.status, ...acceptor.cut },
    tensorFrames: acceptor.binaryMessages,
    rssBytes: process.memoryUsage.rss(),
    uptimeS: Math.round((now() - startedAt) / 1000),
  });
  const guest =
    configuration.model === DEFAULT_MODEL_FOLDER ? undefined : { id: manifest.id, folder: configuration.model };
  const page = tier === 'edge' ? staticFiles(configuration.static, guest) : sendCloudNotice;
  const links = tier === 'edge' ? await linksOf(parts) : undefined;
  const metricsHere = metricsBeside(metrics, configuration.metrics);
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (!isAskedByOwnName(request, configuration)) return sendText(response, 421, `${NOT_OURS}\n`);
    const entry = enterBelow(basePath, request.url);
    if ('location' in entry) return sendElsewhere(response, entry.location);
    request.url = entry.url;
    const path = pathOf(request);
    if (path === TIER_PATH) return sendUpgradeNotice(response);
    const answerTo = healthAt(path) ?? metricsHere(path) ?? probe(path) ?? links?.at(path) ?? page;
    const answerIn = isForKnown(path) ? guard.before(answerTo, trustedProxies) : answerTo;
    return answerIn(request, response);
  };
  const perAddress = new Shares(maxConnectionsPerAddress);
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, client: string) => {
    const entry = enterBelow(basePath, request.url);
    if ('url' in entry) request.url = entry.url;
    const refusal = isDraining ? DRAINING : refusalOf(request, configuration, acceptor.connections);
    if (refusal) {
      log('info', `a socket of ${client} was refused: ${refusal[0]}`);
      return refuse(socket, refusal);
    }
    const holder = holderOf(client);
    const leave = perAddress.take(holder);
    if (!leave) return refuse(socket, CROWDED);
    socket.once('close', leave);
    acceptor.upgrade(request, socket, head, holder);
  };
  const door = new Door({
    answer,
    upgrade,
    mostSockets: maxConnections + BESIDE_TIERS,
    mostSocketsPerAddress: maxConnectionsPerAddress + BESIDE_TIERS,
    proxies: trustedProxies,
    tls: await readTls(configuration),
  });
  const { server } = door;
  await listen(server, configuration);
  const metricsServer = await metricsApart(metrics, configuration.metrics, configuration);
  return {
    port: (server.address() as AddressInfo).port,
    metricsPort: metricsServer?.port,
    prepare: (variant) => void tiers.entryOf(variant),
    drain: () => {
      isDraining = true;
      return acceptor.drain();
    },
    close: async () => {
      server.close();
      metricsServer?.close();
      shadow?.close();
      await acceptor.close(GOING_AWAY, 'the server is shutting down');
      tiers.close();
      await runtimes.close();
      await links?.store.close();
      await traces?.close();
      server.closeAllConnections();
    },
  };
}

/** Without the rows that thresholds were calibrated with there is nothing to compare with. */
function shadowRunsOf(parts: ServerParts, metrics: Metrics | undefined, isIdle: () => boolean) {
  const { configuration, manifest, policyFiles, log } = parts;
  const share = configuration.shadowShare;
  if (share === 0 || !policyFiles) return undefined;
  const onResult = metrics?.shadow ?? (() => undefined);
  const onDrift = metrics?.drift ?? (() => undefined);
  return new ShadowRuns({ share, manifest, policyFiles, isIdle, random: Math.random, onResult, onDrift, log });
}

async function linksOf({ configuration, manifest, replay, log }: ServerParts) {
  const { basePath, links: place = { kind: 'memory' }, linksMegabytes, trustedProxies: proxies } = configuration;
  const options = { place, maxBytes: linksMegabytes * 1e6, environment: process.env };
  const store = await LinkStore.open(manifest, options);
  const previews = new Previews({ replay, rasterise, log });
  return { store, at: shortLinks({ manifest, basePath, store, proxies, previews, now, log }) };
}

async function listen(server: Server, { host, port }: Configuration): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const problem = LISTEN_PROBLEMS[cause.code ?? ''] ?? `(${cause.message}). Choose another with --port and --host.`;
      reject(new DimeeError('BAD_CONFIGURATION', `Cannot listen on ${host}:${port} ${problem}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

/** What stands in the way of listening, by Node's code, and the way out. */
const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'since something listens there, perhaps this very server. Stop it, or choose another port: --port 0 takes a free one.',
  EACCES: 'since this account may not. Choose a port above 1023 with --port.',
  EADDRNOTAVAIL:
    'since that is no address of this machine. Choose 127.0.0.1 (this machine alone) or 0.0.0.0 (all) with --host.',
  ENOTFOUND: 'since that name has no address. Choose 127.0.0.1 (this machine alone) or 0.0.0.0 (all) with --host.',
};

/** A proxy that is told so asks the next server. */
const DRAINING: [status: string, message: string] = ['503 Service Unavailable', 'This server is about to end.'];

/** Why an upgrade is not accepted: the status, and a sentence for the person behind it. */
function refusalOf(
  request: IncomingMessage,
  configuration: Configuration,
  connections: number,
): [status: string, message: string] | undefined {
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  if (!isAskedByOwnName(request, configuration)) return ['421 Misdirected Request', NOT_OURS];
  if (pathOf(request) !== TIER_PATH) return ['404 Not Found', `WebSockets are taken at ${TIER_PATH}.`];
  if (!offered.includes(SUBPROTOCOL)) return ['400 Bad Request', `The subprotocol must be ${SUBPROTOCOL}.`];
  if (!isAllowedOrigin(request, configuration)) return ['403 Forbidden', FOREIGN];
  if (connections >= configuration.maxConnections)
    return ['503 Service Unavailable', 'Too many clients are connected. Try again later.'];
  return undefined;
}

/** What changes something here or tells of it is for those who know the token; the page, its files and links are for all. */
function isForKnown(path: string): boolean {
  return [HEALTH_PATH, METRICS_PATH, LINKS_PATH].includes(path);
}

const FOREIGN =
  'Pages of that origin may not ask this tier. Start it with --allow-origin ORIGIN, as the page’s address begins.';
const CROWDED: [status: string, message: string] = [
  '429 Too Many Requests',
  'Your address has its full share of connections. Close some, or try again later.',
];

function refuse(socket: Duplex, [status, message]: [string, string]): void {
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain;charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  );
}

/** RFC 9110, 15.5.22: a 426 names what to upgrade to. */
function sendUpgradeNotice(response: ServerResponse): void {
  response.setHeader('Upgrade', 'websocket').setHeader('Connection', 'Upgrade');
  sendText(response, 426, `This address takes WebSockets of ${SUBPROTOCOL}.\n`);
}

function sendCloudNotice(_request: IncomingMessage, response: ServerResponse): void {
  sendText(response, 404, `This is a cloud tier without a page. It takes WebSockets at ${TIER_PATH}.\n`);
}

function sendElsewhere(response: ServerResponse, location: string): void {
  response.setHeader('Location', location);
  sendText(
    response,
    308,
    `This is at ${location}.
`,
  );
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}
