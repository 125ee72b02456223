import { Metadata, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import type { DimeeError } from '../../core/errors';
import type { InferRequest, InferResult } from '../../core/ladder/tier';
import type { Manifest } from '../../core/model/manifest';
import type { LayerRuntime } from '../../core/model/layer-runtime';
import { at } from '../../core/numbers/at';
import { CODES_AT_ONCE } from '../../core/payload/state-coder';
import { NO_CODECS } from '../../core/payload/state-codecs';
import { LoopbackTier } from '../../core/protocol/loopback-tier';
import { fakeLadder, fakeRequest } from '../../core/testing/fake-ladder';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeRuntime } from '../../core/testing/fake-runtime';
import { firstLayers } from '../../core/testing/first-layers';
import { taskOf } from '../../core/model/manifest';
import { type Behaviour, EngineServer, Failure } from '../testing/engine-server';
import { readEngineUrl } from './address';
import { OpenInferenceTier } from './open-inference-tier';

const manifest = fakeManifest();
const open: { close(): void }[] = [];
const now = () => performance.now();
const never = new AbortController().signal;
const QUICK = { wellMs: 50, firstIllMs: 20, longestIllMs: 50 };
/** Leaves at layer 10 or 12, by what the random logits say. */
const POLICY = { id: 'confidence', parameters: { mobileThreshold: 1, edgeThreshold: 1, cloudThreshold: 0.9 } };

afterEach(() => {
  for (const thing of open.splice(0).reverse()) thing.close();
});

async function engineOf(behaviour: Behaviour = {}, runtime: LayerRuntime = new FakeRuntime({ manifest })) {
  const engine = await new EngineServer(manifest, runtime, behaviour).start();
  open.push({ close: () => engine.kill() });
  return engine;
}

function wayTo(
  { url }: { readonly url: string },
  options: { token?: string; silentMs?: number; manifest?: Manifest } = {},
) {
  const address = readEngineUrl(url);
  if (!address) throw new Error(`${url} is no address of an engine.`);
  const states: string[] = [];
  const lines: string[] = [];
  const tier = new OpenInferenceTier({
    ...{ url, address, manifest, variant: 'q8', codecs: NO_CODECS, coder: CODES_AT_ONCE, now, rhythm: QUICK },
    ...{ runtime: new FakeRuntime({ manifest }), keyOf: () => 'somebody' },
    onStatus: ({ state }) => states.push(state),
    log: (_level, line) => lines.push(line),
    ...options,
  });
  open.push(tier);
  return { tier, states, lines };
}

/** A sample that has come to the cloud, after the layers of device and edge. */
async function climbing(sample: number, changes: Partial<InferRequest> = {}): Promise<InferRequest> {
  const task = changes.task ?? 'sst2';
  const runtime = new FakeRuntime({ manifest });
  const texts = taskOf(manifest, task).pair
    ? ([`sample ${sample}`, 'and this'] as const)
    : ([`sample ${sample}`] as const);
  const { state, priorLogits } = await firstLayers(runtime, taskOf(manifest, task), texts, 8);
  return fakeRequest({ policy: POLICY, priorLogits, input: { kind: 'hiddenState', state }, ...changes });
}

/** What the cloud in this process answers. */
function inProcess(request: InferRequest): Promise<InferResult> {
  const cloud = fakeLadder({ name: 'cloud' });
  return new LoopbackTier({ from: 'edge', to: 'cloud', tier: cloud, now }).infer(request, never);
}

const stepsOf = ({ steps }: InferResult) => steps.map(({ layer, tier, logits }) => ({ layer, tier, logits }));

describe('An engine answers as the cloud in this process', () => {
  test.each(['float32', 'float16', 'int8'] as const)('hidden states as %s', async (payloadDtype) => {
    const { tier } = wayTo(await engineOf());
    const exits = new Set<number>();
    for (let sample = 0; sample < 30; sample++) {
      const request = await climbing(sample, { payloadDtype });
      const result = await tier.infer(request, never);
      expect(stepsOf(result)).toEqual(stepsOf(await inProcess(request)));
      exits.add(at(result.steps, result.steps.length - 1).layer);
    }
    expect(exits.size).toBeGreaterThan(1);
  });

  test('pairs, whole texts, and policies that draw lots', async () => {
    const { tier } = wayTo(await engineOf());
    const whole = fakeRequest({
      task: 'mnli',
      policy: { id: 'all-cloud', parameters: {} },
      input: { kind: 'text', texts: ['sample 5', 'and this'] },
    });
    for (const request of [
      await climbing(3, { task: 'mnli' }),
      whole,
      await climbing(4, { policy: { id: 'random-exit', parameters: {} }, rowSeed: 77 }),
    ]) {
      const result = await tier.infer(request, never);
      expect(stepsOf(result)).toEqual(stepsOf(await inProcess(request)));
      expect(result.tokens).toBeGreaterThan(2);
    }
  });

  test('and counts who of it has answered, those who answered last', async () => {
    const names = [...Array.from({ length: 70 }, (_, index) => `replica ${index}`), 'replica 10'];
    const engine = await engineOf({
      after: (response) => {
        const named = { replica: { string_param: names.shift() ?? '' } };
        return { ...response, parameters: { ...response.parameters, ...named } };
      },
    });
    const { tier } = wayTo(engine);
    for (const sample of names.slice()) await tier.infer(await climbing(sample.length), never);
    const { replicas } = tier.status;
    expect(Object.keys(replicas)).toHaveLength(64);
    expect(replicas).toMatchObject({ 'replica 10': 2, 'replica 69': 1 });
    expect(replicas).not.toHaveProperty('replica 5');
  });

  test('and says what crossed, and on whose behalf', async () => {
    const engine = await engineOf();
    const { tier } = wayTo(engine);
    const origin = { client: {} };
    const request = await climbing(1, { payloadDtype: 'float16', traceparent: '00-a-b-01', origin });
    const { crossings } = await tier.infer(request, never);
    const state = request.input.kind === 'hiddenState' ? request.input.state : undefined;
    expect(crossings).toMatchObject([{ from: 'edge', to: 'cloud', afterLayer: 8 }]);
    expect(crossings[0]?.bytesUp).toBeGreaterThan(2 * (state?.data.length ?? Infinity));
    expect(at(engine.metadata, 0).get('dimee-on-behalf-of')).toEqual(['somebody']);
    expect(at(engine.metadata, 0).get('traceparent')).toEqual(['00-a-b-01']);
  });
});

describe('What fails', () => {
  test('is asked once more, and once alone, where the engine could not be reached', async () => {
    let failures = 1;
    const engine = await engineOf({
      before: () => {
        if (failures-- > 0) throw new Failure(status.UNAVAILABLE, 'on the move');
      },
    });
    const { tier } = wayTo(engine);
    await expect(tier.infer(await climbing(1), never)).resolves.toMatchObject({ tokens: 4 });
    expect(tier.status.retried).toBe(1);
    failures = 2;
    await expect(tier.infer(await climbing(1), never)).rejects.toMatchObject({ code: 'TIER_UNAVAILABLE' });
    expect(engine.asked).toHaveLength(4);
  });

  test.each([
    [status.INVALID_ARGUMENT, 'BAD_INPUT'],
    [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
    [status.UNAUTHENTICATED, 'UNAUTHORIZED'],
    [status.INTERNAL, 'TIER_UNAVAILABLE'],
    [status.UNIMPLEMENTED, 'TIER_UNAVAILABLE'],
  ])('is told in our words: status %i', async (code, ours) => {
    const { tier } = wayTo(await engineOf({ before: () => Promise.reject(new Failure(code, 'so it is')) }));
    await expect(tier.infer(await climbing(1), never)).rejects.toMatchObject({ code: ours });
  });

  test('says when to come back where the engine is full', async () => {
    const trailers = new Metadata();
    trailers.set('retry-after-ms', '250');
    const full = new Failure(status.RESOURCE_EXHAUSTED, 'no room', trailers);
    const { tier } = wayTo(await engineOf({ before: () => Promise.reject(full) }));
    const told = { code: 'OVERLOADED', retryable: true, retryAfterMs: 250 };
    await expect(tier.infer(await climbing(1), never)).rejects.toMatchObject(told);
  });

  test('and assumes that a full engine which does not say it needs as long as for its last answer', async () => {
    const engine = await engineOf();
    const { tier } = wayTo(engine);
    const refuses = () => Promise.reject(new Failure(status.RESOURCE_EXHAUSTED, 'no room'));
    engine.behaviour.before = refuses;
    await expect(tier.infer(await climbing(1), never)).rejects.toMatchObject({ retryAfterMs: 100 });
    engine.behaviour.before = () => new Promise((resolve) => setTimeout(resolve, 300));
    await tier.infer(await climbing(1), never);
    engine.behaviour.before = refuses;
    const error = (await tier.infer(await climbing(1), never).catch((thrown: unknown) => thrown)) as DimeeError;
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(300);
    expect(error.retryAfterMs).toBeLessThan(2000);
  });

  test('is no answer where its numbers are not those that were asked for', async () => {
    const engine = await engineOf();
    const { tier } = wayTo(engine);
    const answers: [NonNullable<Behaviour['after']>, string][] = [
      [(response) => ({ ...response, id: 'another' }), 'must have the id of its request'],
      [(response) => ({ ...response, raw_output_contents: [] }), 'raw contents, which have 0 entries'],
      [(response) => ({ ...response, parameters: {} }), 'parameter “exit_layer” must be'],
      [
        (response) => {
          const [logits, ...others] = response.raw_output_contents;
          return { ...response, raw_output_contents: [new Uint8Array(logits?.length ?? 0).fill(255), ...others] };
        },
        'must be finite numbers',
      ],
    ];
    for (const [after, problem] of answers) {
      engine.behaviour.after = after;
      const asked = tier.infer(await climbing(1), never);
      await expect(asked).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining(problem) });
    }
  });

  test('is another model’s engine, which is asked nothing', async () => {
    const engine = await engineOf({ hash: '0'.repeat(64) });
    const { tier } = wayTo(engine);
    const told = { code: 'MODEL_MISMATCH', message: expect.stringContaining(manifest.hash) };
    await expect(tier.infer(await climbing(1), never)).rejects.toMatchObject(told);
    expect(engine.asked).toEqual([]);
  });

  test('is a token that the engine does not know', async () => {
    const engine = await engineOf({ token: 'right' });
    const wrong = wayTo(engine, { token: 'wrong' });
    await expect(wrong.tier.infer(await climbing(1), never)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(wayTo(engine, { token: 'right' }).tier.infer(await climbing(1), never)).resolves.toBeDefined();
  });
});

describe('Who is away', () => {
  test('is told the engine when a client goes', async () => {
    const engine = await engineOf({ before: ({ cancelled }) => expect.poll(cancelled).toBe(true) });
    const gone = new AbortController();
    const asked = wayTo(engine).tier.infer(await climbing(1), gone.signal);
    await expect.poll(() => engine.asked.length).toBe(1);
    gone.abort();
    await expect(asked).rejects.toThrow(/abort/);
    await expect.poll(() => engine.cancelled).toEqual(engine.asked);
  });

  test('gets no sample while its breaker is open, and all of them again afterwards', async () => {
    const engine = await engineOf();
    const { tier, states } = wayTo(engine);
    await tier.infer(await climbing(1), never);
    engine.kill();
    await expect.poll(() => tier.status.breaker).toBe('open');
    await expect(tier.infer(await climbing(2), never)).rejects.toMatchObject({ code: 'TIER_UNAVAILABLE' });
    await engine.start();
    await expect
      .poll(async () => tier.infer(await climbing(3), never).then(() => tier.status.breaker, String), { timeout: 8000 })
      .toBe('closed');
    expect(states).toContain('down');
    expect(tier.status.opened).toBeGreaterThan(0);
  }, 15_000);

  test('hangs where it answers none of its samples, though it says that it is well', async () => {
    const engine = await engineOf({ before: () => new Promise(() => undefined) });
    const { tier } = wayTo(engine, { silentMs: 150 });
    const asked = [await climbing(1), await climbing(2)].map((request) => tier.infer(request, never));
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'TIER_UNAVAILABLE' });
  });
});
