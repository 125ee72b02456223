import type { LayerRuntime } from '../../core/model/layer-runtime';
import type { Manifest } from '../../core/model/manifest';
import { TIER_PATH } from '../../core/protocol/socket';
import { fakeCodecs } from '../../core/testing/fake-codecs';
import { fakeManifest } from '../../core/testing/fake-manifest';
import type { ViewReplay } from '../../core/view/replayed-view';
import { FakeRuntime } from '../../core/testing/fake-runtime';
import { readConfiguration } from '../configuration';
import { type RunningServer, type ServerParts, startServer } from '../server';

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
}

/** A real server on a free port, over a network without arithmetic. Flags are those of the command line. */
export async function startFakeServer(
  flags: readonly string[] = [],
  runtime: LayerRuntime = new FakeRuntime({ manifest: fakeManifest() }),
  { layersLoaded = () => fakeManifest().layers, ...others }: FakeParts = {},
): Promise<FakeServer> {
  const manifest = fakeManifest();
  const codecs = fakeCodecs(manifest);
  await codecs.loadAll();
  const server = await startServer({
    ...others,
    configuration: readConfiguration(['--port', '0', ...flags]),
    manifest,
    codecs,
    runtimes: {
      of: () => runtime,
      get layersLoaded() {
        return { q8: layersLoaded() };
      },
    },
    log: () => undefined,
  });
  const address = `127.0.0.1:${server.port}`;
  return { ...server, manifest, url: `ws://${address}${TIER_PATH}`, httpUrl: `http://${address}` };
}
