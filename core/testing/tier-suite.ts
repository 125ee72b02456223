import { describe, expect, test } from 'vitest';
import { errorData, isAbort } from '../errors';
import { saturationOf } from '../ladder/saturation';
import type { InferResult, Tier } from '../ladder/tier';
import type { LayerRuntime } from '../model/layer-runtime';
import { encodeHiddenState, isCoded, PAYLOAD_DTYPES } from '../payload/payload';
import type { Manifest } from '../model/manifest';
import type { StateCodecs } from '../payload/state-codecs';
import { drawLot } from '../numbers/lots';
import { fakeCodecs } from './fake-codecs';
import { fakeRequest } from './fake-ladder';
import { fakeManifest } from './fake-manifest';
import { FakeRuntime, type FakeRuntimeOptions, fakeState, logitsOfConfidence } from './fake-runtime';

/** What a tier under test is made of: an edge tier over the one runtime, and above it a cloud tier over the other. */
export interface TierParts {
  readonly manifest: Manifest;
  /** All of them, read. */
  readonly codecs: StateCodecs;
  readonly edgeRuntime: LayerRuntime;
  readonly cloudRuntime: LayerRuntime;
}

export interface TierUnderTest {
  /** The edge tier, or the way to it. */
  readonly tier: Tier;
  readonly close?: () => void | Promise<void>;
}

interface World {
  readonly tier: Tier;
  readonly manifest: Manifest;
  readonly edge: FakeRuntime;
  readonly cloud: FakeRuntime;
}

/** A signal that is never aborted. */
const never = () => new AbortController().signal;
const confidently = (edgeThreshold: number) => ({ id: 'confidence', parameters: { edgeThreshold } });
const layersOf = (result: InferResult) => result.steps.map((step) => `${step.layer} ${step.tier}`);
const failureOf = (promise: Promise<InferResult>) => promise.then(() => undefined, errorData);

/** What every tier keeps to, wherever it runs: registers the tests for one way of making an edge tier. */
export function testTier(name: string, make: (parts: TierParts) => TierUnderTest | Promise<TierUnderTest>): void {
  async function inWorld(
    options: Omit<FakeRuntimeOptions, 'manifest'>,
    run: (world: World) => Promise<void>,
  ): Promise<void> {
    const manifest = fakeManifest();
    const [edge, cloud] = [new FakeRuntime({ manifest, ...options }), new FakeRuntime({ manifest, ...options })];
    const codecs = fakeCodecs(manifest);
    await codecs.loadAll();
    const { tier, close } = await make({ manifest, codecs, edgeRuntime: edge, cloudRuntime: cloud });
    try {
      await run({ tier, manifest, edge, cloud });
    } finally {
      await close?.();
    }
  }

  /** A sample that the mobile tier has taken through its four layers. */
  const afterMobile = (manifest: Manifest, sample = 1) =>
    fakeRequest({
      sampleKey: `sample-${sample}`,
      priorLogits: new Array<number[]>(4).fill([0.5, 0]),
      input: { kind: 'hiddenState', state: fakeState(manifest, sample, 4, 5) },
    });

  describe(`${name} as a tier`, () => {
    test('takes a text through the edge layers and leaves at the last one', () =>
      inWorld({}, async ({ tier, edge, cloud }) => {
        const request = fakeRequest({ policy: { id: 'all-edge', parameters: {} } });
        const result = await tier.infer(request, never());
        expect(result.steps.map((step) => step.layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        expect(new Set(result.steps.map((step) => step.tier))).toEqual(new Set(['edge']));
        expect(result.tokens).toBe(4);
        expect(edge.textsRead).toEqual([['sample 0']]);
        expect(cloud.layersRun).toEqual([]);
      }));

    test('passes a text on to the cloud where the policy sends it there', () =>
      inWorld({}, async ({ tier, edge, cloud }) => {
        const result = await tier.infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never());
        expect(result.steps.map((step) => step.layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        expect(new Set(result.steps.map((step) => step.tier))).toEqual(new Set(['cloud']));
        expect(edge.layersRun).toEqual([]);
        expect(cloud.textsRead).toEqual([['sample 0']]);
      }));

    test('takes a hidden state on from its layer and leaves where the policy says', () =>
      inWorld(
        { logits: logitsOfConfidence([0.5, 0.5, 0.5, 0.5, 0.6, 0.95, 0.99]) },
        async ({ tier, manifest, edge, cloud }) => {
          const result = await tier.infer({ ...afterMobile(manifest), policy: confidently(0.9) }, never());
          expect(layersOf(result)).toEqual(['5 edge', '6 edge']);
          expect(result.tokens).toBe(5);
          expect([edge.layersRun, cloud.layersRun]).toEqual([[5, 6], []]);
        },
      ));

    test('answers with the raw logits of the task, of every layer it ran', () =>
      inWorld({ logits: (sample, layer) => [sample, -layer, 7, 8, 9] }, async ({ tier, manifest }) => {
        const single = await tier.infer({ ...afterMobile(manifest, 3), policy: confidently(0.9) }, never());
        expect(single.steps.map((step) => step.logits)).toEqual([[3, -5]]);
        const priorLogits = Array.from({ length: 4 }, () => [0, 0, 0]);
        const pair = { ...afterMobile(manifest, 3), task: 'mnli', priorLogits, policy: confidently(0.1) };
        expect((await tier.infer(pair, never())).steps.map((step) => step.logits)).toEqual([[7, 8, 9]]);
      }));

    test('hands on to the cloud what does not leave at the edge', () =>
      inWorld({}, async ({ tier, manifest, edge, cloud }) => {
        const result = await tier.infer(afterMobile(manifest), never());
        const expected = ['5 edge', '6 edge', '7 edge', '8 edge', '9 cloud', '10 cloud', '11 cloud', '12 cloud'];
        expect(layersOf(result)).toEqual(expected);
        expect([edge.layersRun, cloud.layersRun]).toEqual([
          [5, 6, 7, 8],
          [9, 10, 11, 12],
        ]);
      }));

    test('goes on to the cloud from the edge’s last layer when the edge runs none', () =>
      inWorld({}, async ({ tier, manifest, edge }) => {
        const plan = { mobileLayers: 4, edgeLayers: 4 };
        const result = await tier.infer({ ...afterMobile(manifest), plan }, never());
        expect(layersOf(result)[0]).toBe('5 cloud');
        expect(result.steps).toHaveLength(8);
        expect(edge.layersRun).toEqual([]);
      }));

    test('counts the exits before it for a policy that looks back', () =>
      inWorld({ logits: logitsOfConfidence(new Array<number>(12).fill(0.6)) }, async ({ tier, manifest }) => {
        const policy = { id: 'patience', parameters: { patience: 6 } };
        const agreeing = await tier.infer({ ...afterMobile(manifest), policy }, never());
        expect(layersOf(agreeing)).toEqual(['5 edge', '6 edge']);
        const priorLogits = [...new Array<number[]>(3).fill([1, 0]), [0, 1]];
        const disagreeing = await tier.infer({ ...afterMobile(manifest, 2), priorLogits, policy }, never());
        expect(layersOf(disagreeing).at(-1)).toBe('10 cloud');
      }));

    test('measures how much its layers turn the hidden state where the policy needs it, and leaves by that', () =>
      inWorld({}, async ({ tier, manifest }) => {
        const turnedBy = (layer: number) =>
          saturationOf(fakeState(manifest, 1, layer - 1), fakeState(manifest, 1, layer));
        // Of sample 1, layer 5 turns the state more than layer 6.
        const policy = { id: 'saturation', parameters: { edgeThreshold: (turnedBy(5) + turnedBy(6)) / 2 } };
        const { steps } = await tier.infer({ ...afterMobile(manifest), policy }, never());
        expect(steps.map(({ layer }) => layer)).toEqual([5, 6]);
        for (const { layer, saturation } of steps) expect(saturation).toBeCloseTo(turnedBy(layer), 12);
        const unmeasured = await tier.infer({ ...afterMobile(manifest, 2), policy: confidently(0) }, never());
        expect(unmeasured.steps[0]?.saturation).toBeUndefined();
      }));

    test('draws the lots of the sample’s own seed, on every tier', () =>
      inWorld({}, async ({ tier, manifest }) => {
        const policy = { id: 'random-exit', parameters: { probability: 0.3 } };
        const expectedLayer = (rowSeed: number) =>
          [5, 6, 7, 8, 9, 10, 11].find((layer) => drawLot(1, rowSeed, layer) <= 0.3) ?? 12;
        const layers = [0, 1, 2, 3, 0xffff_ffff].map(async (rowSeed) => {
          const { steps } = await tier.infer({ ...afterMobile(manifest, rowSeed % 100), policy, rowSeed }, never());
          return [steps.at(-1)?.layer, expectedLayer(rowSeed)];
        });
        for (const [layer, expected] of await Promise.all(layers)) expect(layer).toBe(expected);
      }));

    test.each([
      ['right labels', 'oracle'],
      ['a seed', 'random-exit'],
      ['numbers fitted in advance', 'quota'],
      ['a recorded calibration split', 'risk-controlled'],
    ])('ER6: a policy that needs %s is BAD_INPUT without them, and says so', (_, id) =>
      inWorld({}, async ({ tier, manifest, edge }) => {
        const request = { ...afterMobile(manifest), policy: { id, parameters: {} } };
        const failure = await failureOf(tier.infer(request, never()));
        expect(failure).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(/^“.+” needs /) });
        expect(edge.layersRun).toEqual([]);
      }),
    );

    test('climbs on from a held state and runs only the layers that are missing', () =>
      inWorld({ logits: logitsOfConfidence([0.5, 0.5, 0.5, 0.5, 0.92, 0.97]) }, async ({ tier, manifest, edge }) => {
        const request = { ...afterMobile(manifest), policy: confidently(0.9) };
        const first = await tier.infer(request, never());
        expect(layersOf(first)).toEqual(['5 edge']);
        const priorLogits = [...request.priorLogits, ...first.steps.map((step) => step.logits)];
        const held = { ...request, priorLogits, input: { kind: 'held' }, policy: confidently(0.95) } as const;
        expect(layersOf(await tier.infer(held, never()))).toEqual(['6 edge']);
        expect(edge.layersRun).toEqual([5, 6]);
      }));

    test('finds a held state in the cloud too', () =>
      inWorld(
        { logits: logitsOfConfidence([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.92]) },
        async ({ tier, manifest, edge, cloud }) => {
          const policy = { id: 'confidence', parameters: { edgeThreshold: 1, cloudThreshold: 0.9 } };
          const request = { ...afterMobile(manifest), policy };
          const first = await tier.infer(request, never());
          expect(layersOf(first).at(-1)).toBe('9 cloud');
          const priorLogits = [...request.priorLogits, ...first.steps.map((step) => step.logits)];
          const stricter = { id: 'confidence', parameters: { edgeThreshold: 1, cloudThreshold: 1 } };
          const held = { ...request, priorLogits, input: { kind: 'held' }, policy: stricter } as const;
          expect(layersOf(await tier.infer(held, never()))).toEqual(['10 cloud', '11 cloud', '12 cloud']);
          expect([edge.layersRun, cloud.layersRun]).toEqual([
            [5, 6, 7, 8],
            [9, 10, 11, 12],
          ]);
        },
      ));

    test('ER4: a state that no tier holds is STATE_NOT_HELD', () =>
      inWorld({}, async ({ tier }) => {
        const priorLogits = new Array<number[]>(6).fill([0, 0]);
        const request = fakeRequest({ sampleKey: 'never seen', priorLogits, input: { kind: 'held' } });
        expect(await failureOf(tier.infer(request, never()))).toMatchObject({ code: 'STATE_NOT_HELD' });
      }));

    test.each([
      ['an unknown task', { task: 'poetry' }],
      ['a task named like a part of every object', { task: 'constructor' }],
      ['an unknown policy', { policy: { id: 'hope', parameters: {} } }],
      ['an unknown parameter', { policy: { id: 'confidence', parameters: { courage: 1 } } }],
      ['a parameter out of its range', { policy: { id: 'confidence', parameters: { edgeThreshold: 1.5 } } }],
      ['a plan deeper than the model', { plan: { mobileLayers: 4, edgeLayers: 13 } }],
      ['a plan that runs backwards', { plan: { mobileLayers: 6, edgeLayers: 5 } }],
      ['a text that claims to have climbed', { priorLogits: [[0, 0]] }],
      [
        'a sample that has climbed to the top',
        { priorLogits: new Array<number[]>(12).fill([0, 0]), input: { kind: 'held' } },
      ],
    ] as const)('ER6: %s is BAD_INPUT', (_, change) =>
      inWorld({}, async ({ tier, edge, cloud }) => {
        expect(await failureOf(tier.infer(fakeRequest(change), never()))).toMatchObject({ code: 'BAD_INPUT' });
        expect([...edge.layersRun, ...cloud.layersRun]).toEqual([]);
      }),
    );

    test('ER6: a hidden state of another size than the model’s is BAD_INPUT', () =>
      inWorld({}, async ({ tier, manifest, edge }) => {
        const state = { tokens: 2, hidden: 6, data: new Float32Array(12) };
        const request = { ...afterMobile(manifest), input: { kind: 'hiddenState', state } } as const;
        expect(await failureOf(tier.infer(request, never()))).toMatchObject({ code: 'BAD_INPUT' });
        expect(edge.layersRun).toEqual([]);
      }));

    test('a layer that fails is an INTERNAL error and not a result', () =>
      inWorld({ beforeLayer: failAt(6) }, async ({ tier, manifest }) => {
        const failure = await failureOf(tier.infer(afterMobile(manifest), never()));
        expect(failure).toMatchObject({ code: 'INTERNAL', message: 'layer 6 fell over' });
      }));

    test('rejects with an AbortError when it is asked with an aborted signal', () =>
      inWorld({}, async ({ tier, manifest, edge }) => {
        const error = await tier.infer(afterMobile(manifest), AbortSignal.abort()).catch((reason: unknown) => reason);
        expect(isAbort(error)).toBe(true);
        expect(edge.layersRun).toEqual([]);
      }));

    test.each([
      ['edge', 6, [5, 6], []],
      ['cloud', 10, [5, 6, 7, 8], [9, 10]],
    ] as const)('RQ6: an abort stops before the next layer on the %s', (_, stopAt, onEdge, onCloud) => {
      const [stopped, held] = [gate(), gate()];
      const beforeLayer = (layer: number) => {
        if (layer !== stopAt) return undefined;
        stopped.open();
        return held.opened;
      };
      return inWorld({ beforeLayer }, async ({ tier, manifest, edge, cloud }) => {
        const abort = new AbortController();
        const failure = tier.infer(afterMobile(manifest), abort.signal).catch((reason: unknown) => reason);
        await stopped.opened;
        abort.abort();
        // Time for the cancel to arrive, wherever the tier runs.
        await pause(100);
        held.open();
        expect(isAbort(await failure)).toBe(true);
        await pause(20);
        expect([edge.layersRun, cloud.layersRun]).toEqual([onEdge, onCloud]);
      });
    });

    test('ER3: a request that takes longer than its deadline is DEADLINE_EXCEEDED and runs no further layer', () =>
      inWorld({ beforeLayer: () => pause(25) }, async ({ tier, manifest, edge, cloud }) => {
        const failure = await failureOf(tier.infer({ ...afterMobile(manifest), deadlineMs: 60 }, never()));
        expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true });
        await pause(60);
        expect(edge.layersRun.length + cloud.layersRun.length).toBeLessThan(5);
      }));

    test('gives each of many samples at once its own answer', () =>
      inWorld({}, async ({ tier, manifest }) => {
        const samples = Array.from({ length: 30 }, (_, index) => index + 1);
        const alone = new FakeRuntime({ manifest });
        const answers = samples.map((sample) => tier.infer(afterMobile(manifest, sample), never()));
        for (const [index, { steps }] of (await Promise.all(answers)).entries()) {
          const sample = samples[index] ?? 0;
          expect(steps.map((step) => step.layer)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
          for (const { layer, logits } of steps) {
            const { logits: expected } = await alone.runLayer(layer, fakeState(manifest, sample, layer - 1));
            expect(logits).toEqual([...expected.slice(0, 2)]);
          }
        }
      }));

    test.each(PAYLOAD_DTYPES)('takes hidden states written as %s', (payloadDtype) =>
      inWorld({}, async ({ tier, manifest }) => {
        const result = await tier.infer({ ...afterMobile(manifest, 42), payloadDtype }, never());
        expect(result.steps).toHaveLength(8);
      }),
    );

    test.each(PAYLOAD_DTYPES.filter(isCoded))('TF9: sends %s to the cloud, as int8 after a layer without', (dtype) =>
      inWorld({}, async ({ tier, manifest }) => {
        // Of many tokens and zeros, so that the two sizes are far apart.
        const tokens = 16;
        const stateAfter = (layer: number) => fakeState(manifest, 0, layer, tokens);
        const bytesUpOf = async (edgeLayers: number) => {
          const plan = { mobileLayers: 4, edgeLayers };
          const input = { kind: 'hiddenState', state: stateAfter(4) } as const;
          const result = await tier.infer({ ...afterMobile(manifest), input, plan, payloadDtype: dtype }, never());
          return result.crossings.at(-1)?.bytesUp ?? Number.NaN;
        };
        const coded = encodeHiddenState(stateAfter(6), await fakeCodecs(manifest).dtypeAfter(6, dtype));
        const difference = coded.length - tokens * (8 + 4);
        expect(difference).toBeLessThan(-100);
        // To the nearest hundred: the infer before it has the logits of one layer less, and another deadline.
        expect((await bytesUpOf(6)) - (await bytesUpOf(7))).toBeCloseTo(difference, -2);
      }),
    );

    test('reports times that are finite and not negative', () =>
      inWorld({ beforeLayer: () => pause(2) }, async ({ tier, manifest }) => {
        const { steps, crossings, queueMs } = await tier.infer(afterMobile(manifest), never());
        const times = [queueMs, ...steps.map((step) => step.computeMs), ...crossings.map((hop) => hop.roundTripMs)];
        expect(times.every((time) => Number.isFinite(time) && time >= 0)).toBe(true);
        expect(steps.every((step) => step.computeMs > 0)).toBe(true);
      }));

    test('reports the hop to the cloud with its bytes, and none where none was made', () =>
      inWorld({ logits: logitsOfConfidence([0.5, 0.5, 0.5, 0.5, 0.92]) }, async ({ tier, manifest }) => {
        const toCloud = await tier.infer(afterMobile(manifest), never());
        expect(toCloud.crossings.at(-1)).toMatchObject({ from: 'edge', to: 'cloud', afterLayer: 8 });
        // 5 tokens × 8 numbers × 4 bytes and the header of 32.
        expect(toCloud.crossings.at(-1)?.bytesUp).toBeGreaterThanOrEqual(192);
        const atEdge = await tier.infer({ ...afterMobile(manifest, 2), policy: confidently(0.9) }, never());
        expect(atEdge.crossings.filter((hop) => hop.from === 'edge')).toEqual([]);
      }));
  });
}

/** A promise, and the way to resolve it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function failAt(failing: number): (layer: number) => void {
  return (layer) => {
    if (layer === failing) throw new Error(`layer ${failing} fell over`);
  };
}
