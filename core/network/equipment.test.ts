import { describe, expect, it, test } from 'vitest';
import { fakeManifest } from '../testing/fake-manifest';
import { stateBytesPerToken } from './equipment';
import { measuredLayerTimes } from './layer-times';
import { accessOf, LINKS, NETWORK_NAMES, NETWORKS } from './profiles';

describe('a hidden state', () => {
  const manifest = { ...fakeManifest(), hidden: 384 };

  it('takes the same bytes a token after every layer', () => {
    expect(stateBytesPerToken(manifest, 'int8')).toEqual(new Array(12).fill(388));
    expect(stateBytesPerToken(manifest, 'float32')).toEqual(new Array(12).fill(1536));
    expect(stateBytesPerToken(manifest, 'int4')).toEqual(new Array(12).fill(216));
  });

  it('crosses as int8 where the model has no codec', () => {
    const coded = [388, 388, 96, 96, 96, 96, 388, 388, 388, 388, 388, 388];
    expect(stateBytesPerToken(manifest, 'coded96')).toEqual(coded);
  });
});

describe('measured times of a layer', () => {
  it('are medians, scaled to 32 tokens, of the tiers that ran any', () => {
    const samples = [
      {
        tokens: 16,
        steps: [
          { tier: 'mobile', computeMs: 1 },
          { tier: 'mobile', computeMs: 3 },
        ],
      },
      {
        tokens: 64,
        steps: [
          { tier: 'mobile', computeMs: 200 },
          { tier: 'edge', computeMs: 2 },
        ],
      },
      { tokens: 32, steps: [{ tier: 'edge', computeMs: 3 }] },
    ] as const;
    // Scaled: 2, 6 and 100 on the mobile tier; 1 and 3 at the edge.
    expect(measuredLayerTimes(samples)).toEqual({ mobile: 6, edge: 2 });
  });

  it('are none where nothing ran', () => {
    expect(measuredLayerTimes([{ tokens: 0, steps: [] }])).toEqual({});
  });
});

describe('a network', () => {
  const custom = { roundTripMs: 1, upMbps: 2, downMbps: 3, jitterMs: 4 };

  test('has a name of its own and, unless it is offline, a link', () => {
    expect(new Set(Object.values(NETWORK_NAMES)).size).toBe(NETWORKS.length);
    expect(NETWORKS.filter((network) => !accessOf(network, custom))).toEqual(['offline']);
    expect(accessOf('3g', custom)?.link).toBe(LINKS['3g']);
    expect(accessOf('custom', custom)?.link).toBe(custom);
  });
});
