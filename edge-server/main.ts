import { errorData, messageOf } from '../core/errors';
import type { Log } from '../core/log';
import { defaultVariantOf, type Manifest } from '../core/model/manifest';
import { StateCodecs } from '../core/payload/state-codecs';
import { PolicyFiles } from '../core/trace/policy-files';
import { ViewReplay } from '../core/view/replayed-view';
import { runCommand } from './command-line';
import { addressLines } from './addresses';
import { type Configuration, HELP, ignoredHost, readConfiguration } from './configuration';
import { logTo } from './log';
import { Compute } from './compute/compute';
import { ModelFolder } from './model-folder';
import { stopOnSignals } from './operations/shutdown';
import { type RunningServer, startServer } from './server';

async function main(): Promise<void> {
  const configuration = readConfiguration(process.argv.slice(2), process.env);
  // A full disk behind the log, or a terminal that is gone, is no reason to end: what comes once there is room is written.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const log = logTo(process.stderr, {
    level: configuration.logLevel,
    format: configuration.logFormat,
    base: { tier: configuration.tier },
  });
  const ignored = ignoredHost(process.env);
  if (ignored) log('warn', ignored);
  const model = await ModelFolder.open(configuration.model);
  const { manifest } = model;
  const codecs = new StateCodecs(manifest, (file) => model.read(file));
  // Frames that need one that is not there are refused by name; everything else goes on.
  await codecs.loadAll().catch((error: unknown) => log('warn', errorData(error).message));
  const compute = new Compute(model, { ...configuration, say: (sentence) => log('warn', sentence) });
  const policyFiles = new PolicyFiles(manifest, (file) => model.read(file));
  const replay = new ViewReplay(manifest, policyFiles, (file) => model.read(file));
  const traces = await openTraces(configuration, log);
  const parts = { configuration, manifest, codecs, policyFiles, replay, traces, log };
  const server = await startServer({ ...parts, runtimes: compute });
  stopOnSignals(server, configuration.drainSeconds, log);
  for (const line of addressLines(configuration, server.port)) console.log(line);
  await preload(manifest, compute, server, log);
}

/** The library is loaded where there is a collector alone. */
async function openTraces({ otlpUrl: url, traceShare: share, tier }: Configuration, log: Log) {
  if (url === undefined) return undefined;
  const { Traces } = await import('./operations/traces');
  return new Traces({ url, share, tier, log });
}

async function preload(manifest: Manifest, compute: Compute, server: RunningServer, log: Log): Promise<void> {
  // The one that browsers without a GPU ask for, loaded before anyone does.
  const variant = defaultVariantOf(manifest, 'wasm');
  const startedAt = performance.now();
  try {
    server.prepare(variant);
    await compute.prepare(variant);
    log('info', `${manifest.id} ${variant} loaded in ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    // Whoever asks for this variant is told; the other variants may be whole.
    log('error', `${variant} cannot be loaded: ${messageOf(error)}`);
  }
}

runCommand(process.argv, HELP, main);
