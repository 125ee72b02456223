import type { Log } from '../../core/log';
import type { LayerRuntime } from '../../core/model/layer-runtime';
import type { Manifest } from '../../core/model/manifest';
import { TIER_PATH } from '../../core/protocol/socket';
import { fakeCodecs } from '../../core/testing/fake-codecs';
import { fakeManifest } from '../../core/testing/fake-manifest';
import type { ViewReplay } from '../../core/view/replayed-view';
import { FakeRuntime } from '../../core/testing/fake-runtime';
import { CODES_AT_ONCE } from '../../core/payload/state-coder';
import type { Environment } from '../command-line';
import { Compute } from '../compute/compute';
import { readConfiguration } from '../configuration';
import { type RunningServer, type ServerParts, startServer } from '../server';
import { RuntimeWorker } from './runtime-worker';

export interface FakeServer extends RunningServer {
  readonly url: string;
  readonly httpUrl: string;
  readonly manifest: Manifest;
}

/** What a test has its server stand on, where that is not the usual. */
export interface FakeParts {
  /** Layers that are in memory: all by default. */
  readonly layersLoaded?: () => number;
  readonly replay?: ViewReplay;
  readonly traces?: ServerParts['traces'];
  readonly policyFiles?: ServerParts['policyFiles'];
  readonly log?: Log;
  readonly environment?: Environment;
}

/** All that a server computes with, but for threads and arithmetic: one worker, over a runtime. */
class FakeCompute extends Compute {
  constructor(
    manifest: Manifest,
    runtime: LayerRuntime,
    batchTokens: number,
    private readonly loaded: () => number,
  ) {
    const read = () => Promise.resolve(new Uint8Array());
    const startWorker = () => new RuntimeWorker(runtime, manifest.hidden);
    super({ manifest, read }, { threads: 1, workers: 1, batchTokens, startWorker });
  }

  override get layersLoaded() {
    return { q8: this.loaded() };
  }

  /** Coded payloads at once. */
  override readonly coder = CODES_AT_ONCE;
}

/** A real server on a free port, over a network without arithmetic. Flags are those of the command line. */
export async function startFakeServer(
  flags: readonly string[] = [],
  runtime: LayerRuntime = new FakeRuntime({ manifest: fakeManifest() }),
  { layersLoaded = () => fakeManifest().layers, environment = {}, ...others }: FakeParts = {},
): Promise<FakeServer> {
  const manifest = fakeManifest();
  const codecs = fakeCodecs(manifest);
  await codecs.loadAll();
  const configuration = readConfiguration(['--port', '0', ...flags], environment);
  const server = await startServer({
    log: () => undefined,
    ...others,
    configuration,
    manifest,
    codecs,
    runtimes: new FakeCompute(manifest, runtime, configuration.batchTokens, layersLoaded),
  });
  const address = `127.0.0.1:${server.port}`;
  return { ...server, manifest, url: `ws://${address}${TIER_PATH}`, httpUrl: `http://${address}` };
}
