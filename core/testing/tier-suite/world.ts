import { toLayer } from '../../layers';
import type { Tier } from '../../ladder/tier';
import type { LayerRuntime } from '../../model/layer-runtime';
import type { Manifest } from '../../model/manifest';
import type { StateCodecs } from '../../payload/state-codecs';
import { fakeCodecs } from '../fake-codecs';
import { fakeRequest } from '../fake-ladder';
import { fakeManifest } from '../fake-manifest';
import { FakeRuntime, type FakeRuntimeOptions, fakeState } from '../fake-runtime';

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

export type MakeTier = (parts: TierParts) => TierUnderTest | Promise<TierUnderTest>;

interface World {
  readonly tier: Tier;
  readonly manifest: Manifest;
  readonly edge: FakeRuntime;
  readonly cloud: FakeRuntime;
}

/** Runs a test in a world of its own, and closes it. */
export type InWorld = (
  options: Omit<FakeRuntimeOptions, 'manifest'>,
  run: (world: World) => Promise<void>,
) => Promise<void>;

export function worldsOf(make: MakeTier): InWorld {
  return async (options, run) => {
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
  };
}

/** A signal that is never aborted. */
export const never = () => new AbortController().signal;
export const confidently = (edgeThreshold: number) => ({ id: 'confidence', parameters: { edgeThreshold } });

/** A sample that the mobile tier has taken through its four layers. */
export const afterMobile = (manifest: Manifest, sample = 1) =>
  fakeRequest({
    sampleKey: `sample-${sample}`,
    priorLogits: new Array<number[]>(4).fill([0.5, 0]),
    input: { kind: 'hiddenState', state: fakeState(manifest, sample, toLayer(4), 5) },
  });

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function failAt(failing: number): (layer: number) => void {
  return (layer) => {
    if (layer === failing) throw new Error(`layer ${failing} fell over`);
  };
}
