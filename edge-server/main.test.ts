import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { toLayer } from '../core/layers';
import { isAbort } from '../core/errors';
import type { InferRequest, InferResult } from '../core/ladder/tier';
import { PAYLOAD_DTYPES } from '../core/payload/dtypes';
import { NO_CODECS, StateCodecs } from '../core/payload/state-codecs';
import { RemoteTier } from '../core/protocol/remote-tier';
import { fakeCodecFile } from '../core/testing/fake-codecs';
import { fakeRequest } from '../core/testing/fake-ladder';
import { DEFAULT_MODEL_FOLDER } from './configuration';
import { ModelFolder } from './model-folder';
import { rawUpgrade } from './testing/raw-upgrade';
import { runToEnd, ServerProcess } from './testing/server-process';
import { TestClient } from './testing/test-client';
import { openSocket } from './web-socket';

const { manifest } = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
const now = () => performance.now();
const never = new AbortController().signal;
const allCloud = { id: 'all-cloud', parameters: {} };
const long = 'A film that goes on and on about nothing much at all, and is loved for it by nearly everyone. '.repeat(
  10,
);

/** Makes a machine for which the native runtime brings no binary, such as an Intel Mac. */
const WITHOUT_NATIVE_RUNTIME = `data:text/javascript,${encodeURIComponent(`
  const { dlopen } = process;
  process.dlopen = (module, file, ...rest) => {
    if (file.includes('onnxruntime')) throw new Error('No binary for this machine.');
    return dlopen(module, file, ...rest);
  };
`)}`;

/** One worker starts in half the time of two. */
const start = (flags: readonly string[], nodeFlags?: readonly string[]) =>
  ServerProcess.start(['--workers', '1', ...flags], nodeFlags);

const cloud = await start(['--tier', 'cloud']);
const [edge, alone] = await Promise.all([start(['--cloud-url', cloud.url]), start([])]);
const tiers: RemoteTier[] = [];

afterAll(async () => {
  for (const tier of tiers) tier.close();
  await Promise.all([edge, alone, cloud].map((server) => server.stop()));
});

function wayTo({ url }: ServerProcess, codecs = NO_CODECS): RemoteTier {
  const options = { url, modelHash: manifest.hash, variant: 'q8', client: 'test', codecs, openSocket, now };
  const tier = new RemoteTier({ ...options, from: 'mobile', to: 'edge' });
  tiers.push(tier);
  return tier;
}

const logitsOf = ({ steps }: InferResult) => steps.map(({ logits }) => logits);
const layersRun = async (server: ServerProcess) => (await server.health()).tiers.cloud?.layersRun ?? 0;

describe('a cloud tier in a process of its own', () => {
  const [apart, together] = [wayTo(edge), wayTo(alone)];

  test('gives the same logits as one in the edge’s process', async () => {
    const texts = ['It is a feast for the eyes, and a bore for the mind.'] as const;
    const plan = { mobileLayers: 1, edgeLayers: 4 };
    const toEdge = fakeRequest({ policy: { id: 'all-edge', parameters: {} }, plan, input: { kind: 'text', texts } });
    for (const payloadDtype of PAYLOAD_DTYPES) {
      const climb = async (tier: RemoteTier) => {
        const first = await tier.infer({ ...toEdge, payloadDtype, sampleKey: payloadDtype }, never);
        const held: InferRequest = {
          ...fakeRequest({ plan, payloadDtype, sampleKey: payloadDtype }),
          priorLogits: logitsOf(first),
          input: { kind: 'held' },
        };
        return tier.infer(held, never);
      };
      const [far, near] = [await climb(apart), await climb(together)];
      expect(far.steps.map(({ layer, tier }) => `${layer} ${tier}`)).toEqual(
        Array.from({ length: 8 }, (_, index) => `${index + 5} cloud`),
      );
      expect(logitsOf(far)).toEqual(logitsOf(near));
      expect(far.crossings[1]).toMatchObject({
        from: 'edge',
        to: 'cloud',
        afterLayer: 4,
        bytesDown: expect.any(Number),
      });
    }
  });

  test('takes whole texts, and gives what the edge’s process gives', async () => {
    const request = fakeRequest({ policy: allCloud, input: { kind: 'text', texts: ['It is what it is.'] } });
    expect(logitsOf(await apart.infer(request, never))).toEqual(logitsOf(await together.infer(request, never)));
  });

  test('RQ6: cancel stops a request on every tier it has reached', async () => {
    const before = await layersRun(cloud);
    const requests = Array.from({ length: 10 }, (_, index) => {
      const abort = new AbortController();
      const input = { kind: 'text', texts: [long] } as const;
      const request = fakeRequest({ sampleKey: `long-${index}`, policy: allCloud, input });
      return { abort, done: apart.infer(request, abort.signal).catch((error: unknown) => error) };
    });
    await expect.poll(() => layersRun(cloud), { interval: 2 }).toBeGreaterThan(before);
    for (const { abort } of requests) abort.abort();
    const failures = await Promise.all(requests.map(({ done }) => done));
    expect(failures.some(isAbort)).toBe(true);
    await expect.poll(async () => (await cloud.health()).tiers.cloud).toMatchObject({ running: 0 });
    const after = await layersRun(cloud);
    expect(after - before).toBeLessThan(0.6 * requests.length * manifest.layers);
    await setTimeout(100);
    expect(await layersRun(cloud)).toBe(after);
  });

  test('is told of in the edge’s /healthz', async () => {
    const { cloud: link } = await edge.health();
    expect(link).toEqual({
      url: cloud.url,
      links: { q8: { state: 'open', tier: 'cloud', roundTripMs: expect.any(Number) } },
      ranHere: 0,
    });
  });
});

describe('a model with codecs', () => {
  const size = { codewords: 2, levels: 2, classes: 3 };
  const bytes = fakeCodecFile(size, manifest.hidden);
  const entryOf = (layer: number) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { layer: toLayer(layer), ...size, file: { path: `layer-${layer}.bin`, bytes: bytes.length, sha256 } };
  };
  const codecs = [entryOf(4), entryOf(5)];

  async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'dimee-codecs-'));
    try {
      for (const path of ['tokenizer.json', 'q8']) await symlink(join(DEFAULT_MODEL_FOLDER, path), join(folder, path));
      await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, codecs }));
      await run(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test('TF8: reads them from its folder before the first frame, and goes on without one that is missing', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'layer-4.bin'), bytes);
      const server = await start(['--model', folder]);
      const tier = wayTo(server, new StateCodecs({ ...manifest, codecs }, () => Promise.resolve(bytes)));
      const state = { tokens: 6, hidden: manifest.hidden, data: new Float32Array(6 * manifest.hidden).fill(0.5) };
      const after = (layer: number): InferRequest => ({
        ...fakeRequest({ payloadDtype: 'coded216', input: { kind: 'hiddenState', state } }),
        priorLogits: new Array<number[]>(layer).fill([0, 0]),
      });
      const { steps, crossings } = await tier.infer(after(4), never);
      expect(steps.map(({ layer }) => layer)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
      // With the infer, and yet less than as int8.
      expect(crossings[0]?.bytesUp).toBeLessThan(6 * manifest.hidden);
      expect(crossings[1]).toMatchObject({ afterLayer: 8, bytesUp: 32 + 6 * (manifest.hidden + 4) });
      await expect(tier.infer(after(5), never)).rejects.toMatchObject({ code: 'BAD_FRAME' });
      await server.stop();
    }));
});

describe('the process', () => {
  test.each([
    [['--port', 'http'], 2, /--port must be a whole number from 0 to 65535; not “http”/],
    [['--model', '/nowhere'], 1, /no model at \/nowhere\/manifest\.json.*--model/],
  ])('with %j ends and says why', async (flags, code, message) => {
    const end = await runToEnd(flags);
    expect([end.code, end.output]).toEqual([code, expect.stringMatching(message)]);
    expect(end.output.trim().split('\n')).toHaveLength(1);
  });

  test('prints its help', async () => {
    expect(await runToEnd(['--help'])).toEqual({ code: 0, output: expect.stringContaining('--cloud-url URL') });
  });

  test('says so where its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    expect(await runToEnd(['--port', String(port)])).toMatchObject({
      code: 2,
      output: expect.stringMatching(/since something listens there.*--port 0/),
    });
    other.close();
  });

  test.each([
    ['192.0.2.123', /no address of this machine.*0\.0\.0\.0/],
    ['no-such-name.invalid', /that name has no address|EAI_AGAIN/],
  ])('says so where it cannot listen on %s', async (host, sentence) => {
    const { code, output } = await runToEnd(['--port', '0', '--host', host]);
    expect([code, output.trim().split('\n').length]).toEqual([2, 1]);
    expect(output).toMatch(sentence);
  });

  test('computes with the WASM runtime where there is no native one for the machine, and says so', async () => {
    const server = await start([], ['--import', WITHOUT_NATIVE_RUNTIME]);
    onTestFinished(async () => void (await server.stop()));
    expect(await server.health()).toMatchObject({ runtime: 'wasm' });
    const texts = ['A kind film, and a clever one.'] as const;
    const request = fakeRequest({ policy: { id: 'all-edge', parameters: {} }, input: { kind: 'text', texts } });
    const { steps } = await wayTo(server).infer(request, never);
    const native = await wayTo(alone).infer(request, never);
    expect(steps.map(({ layer }) => layer)).toEqual(native.steps.map(({ layer }) => layer));
    const [last = [], nativeLast = []] = [logitsOf({ steps } as InferResult).at(-1), logitsOf(native).at(-1)];
    last.forEach((logit, index) => expect(logit).toBeCloseTo(nativeLast[index] ?? Number.NaN, 1));
  });

  /** A server with a client whose requests it has begun, and all that the client hears after a signal. */
  async function stopped(flags: readonly string[], signals: readonly NodeJS.Signals[]) {
    const server = await start(flags);
    const client = await TestClient.greeted(server.url, manifest.hash);
    const requestIds = Array.from({ length: 12 }, (_, index) => index + 1);
    for (const requestId of requestIds) {
      const input = { kind: 'text', texts: [long] } as const;
      client.send({ type: 'infer', requestId, ...fakeRequest({ policy: allCloud, input }) });
    }
    // All of them have been read, and the first is not through its layers yet.
    const inside = async () => (await server.health()).inside.samples;
    await expect.poll(inside, { interval: 2 }).toBe(requestIds.length);
    const code = server.stop(...signals);
    const heard = [await client.next()];
    while (heard.at(-1)?.type !== 'closed') heard.push(await client.next());
    const answered = heard.flatMap((message) => (message.type === 'result' ? [message.requestId] : []));
    return { requestIds, answered, end: heard.at(-1), code: await code };
  }

  test('DR1: at a signal it answers what is in flight, and tells its clients with 1012', async () => {
    const { requestIds, answered, end, code } = await stopped([], ['SIGINT', 'SIGTERM']);
    expect([new Set(answered), answered.length, code]).toEqual([new Set(requestIds), requestIds.length, 0]);
    expect(end).toMatchObject({ type: 'closed', code: 1012 });
  });

  test.skipIf(!existsSync('/dev/full'))('goes on where its log cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const model = 'core/testing/models/tiny-topics';
    const server = await ServerProcess.start(['--model', model], [], full);
    onTestFinished(() => (closeSync(full), void server.stop()));
    const { hash } = (await ModelFolder.open(model)).manifest;
    // It logs each of them.
    for (let time = 0; time < 2; time++) (await TestClient.greeted(server.url, hash, 'fp16')).close();
    await expect.poll(async () => (await server.health()).connections).toBe(0);
  });

  test('ends when --drain-seconds are over, whatever is in flight', async () => {
    const { requestIds, answered, end, code } = await stopped(['--drain-seconds', '1'], ['SIGTERM']);
    expect(answered.length).toBeLessThan(requestIds.length);
    expect(end).toMatchObject({ type: 'closed', code: 1001 });
    expect(code).toBe(0);
  });

  test('ends at once at a second signal', async () => {
    const server = await start([]);
    const { connection } = await rawUpgrade(server.url);
    const first = server.stop('SIGTERM');
    await setTimeout(400);
    const startedAt = now();
    await server.stop('SIGTERM');
    // In order it would take a second from here on: nobody answers the close.
    expect(now() - startedAt).toBeLessThan(900);
    expect(await first).toBe(1);
    connection?.destroy();
  });
});
