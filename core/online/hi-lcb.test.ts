import { describe, expect, test } from 'vitest';
import { costAt, DEFAULT_COSTS } from '../cost';
import { sampleWith, settingFor } from '../testing/online';
import { seededRandom } from '../testing/random';
import { hiLcb } from './hi-lcb';
import type { Learner, RecordedSample, Setting } from './online-policy';

const setting = settingFor(hiLcb, { parameters: { bins: 2, costWeight: 0.02, exploration: 0.5 } });
const arms = hiLcb.arms(setting);
const [KEEP, OFFLOAD] = [0, 1];

/** As sure at the device's last exit, layer 4, which says what the cloud says or does not. */
const sampleOf = (confidence: number, agrees: boolean) =>
  sampleWith(new Array<number>(12).fill(confidence), {
    labels: Uint8Array.from({ length: 12 }, (_, index) => (agrees || index > 3 ? 1 : 0)),
  });

/** What is chosen for a sample; of one that is offloaded it learns. */
function told(learner: Learner, sample: RecordedSample, of: Setting = setting): number {
  const arm = learner.choose(sample);
  const chosen = hiLcb.arms(of)[arm];
  const [exit, reward] = [chosen?.exitLayer(sample) ?? 0, chosen?.reward(sample) ?? Number.NaN];
  const { confidences, labels } = sample;
  learner.learn({
    context: sample,
    arm,
    reward,
    confidences: confidences.slice(0, exit),
    labels: labels.slice(0, exit),
  });
  return arm;
}

test('the choices are the end of the device and that of the cloud, and the price is what the cloud adds', () => {
  const sample = sampleOf(0.9, false);
  expect(arms.map(({ name }) => name)).toEqual(['mobile', 'cloud']);
  expect(arms.map((arm) => arm.exitLayer(sample))).toEqual([4, 12]);
  expect(arms.map((arm) => costAt(arm.exitLayer(sample), arm.stretches, DEFAULT_COSTS))).toEqual([4, 4 + 5 + 8]);
  expect(arms.map((arm) => arm.reward(sample))).toEqual([-1, expect.closeTo(-0.02 * 13, 12)]);
  expect(arms.map((arm) => arm.reward(sampleOf(0.9, true)))[0]).toBe(0);
});

describe('by hand, at γ = 0.26 and β = ½', () => {
  test('a sure bin is offloaded for as long as β √(ln t / O) ≥ γ, though it always agrees', () => {
    // O = t − 1: ½ √(ln 9 / 8) = 0.2620 in round 9, ½ √(ln 10 / 9) = 0.2529 in round 10.
    const learner = hiLcb.start(1, setting);
    const choices = Array.from({ length: 10 }, () => told(learner, sampleOf(0.9, true)));
    expect(choices).toEqual([...new Array<number>(9).fill(OFFLOAD), KEEP]);
    // Of surer than unsure ones nothing follows for the unsure.
    expect(learner.choose(sampleOf(0.6, true))).toBe(OFFLOAD);
  });

  test('what is known of a bin holds for surer ones', () => {
    const learner = hiLcb.start(1, setting);
    for (let round = 1; round < 10; round++) told(learner, sampleOf(0.6, true));
    expect(told(learner, sampleOf(0.9, true))).toBe(KEEP);
  });

  test('a share of 0.7 that agrees is never enough', () => {
    const learner = hiLcb.start(1, setting);
    const choices = Array.from({ length: 400 }, (_, round) => told(learner, sampleOf(0.9, round % 10 < 7)));
    expect(choices).toEqual(new Array<number>(400).fill(OFFLOAD));
  });
});

/** The rule round by round, from all that was seen: what is chosen for each sample. */
function hiLcbOf(samples: readonly RecordedSample[], { parameters, classes }: Setting, price: number): number[] {
  const { bins = 0, exploration = 0 } = parameters;
  const seen: { readonly bin: number; readonly agreed: boolean }[] = [];
  return samples.map(({ confidences, labels }, before) => {
    const round = before + 1;
    const chance = 1 / classes;
    const edges = Array.from({ length: bins - 1 }, (_, bin) => chance + ((bin + 1) * (1 - chance)) / bins);
    const bin = edges.filter((edge) => (confidences[3] ?? 0) >= edge).length;
    const bounds = [...Array(bin + 1).keys()].map((lower) => {
      const there = seen.filter((one) => one.bin === lower);
      const agreed = there.filter((one) => one.agreed).length;
      return there.length > 0
        ? agreed / there.length - Math.sqrt((exploration ** 2 * Math.log(round)) / there.length)
        : 0;
    });
    if (1 - Math.max(0, ...bounds) < price) return KEEP;
    seen.push({ bin, agreed: labels[3] === labels[11] });
    return OFFLOAD;
  });
}

test('chooses as the rule does from all that was seen, on samples drawn at random', () => {
  const random = seededRandom(33);
  const samples = Array.from({ length: 600 }, () => {
    const confidence = 0.501 + 0.498 * random();
    return sampleOf(confidence, random() < confidence);
  });
  for (const bins of [1, 4, 10]) {
    const of = settingFor(hiLcb, { parameters: { bins, costWeight: 0.015, exploration: 0.4 } });
    const learner = hiLcb.start(1, of);
    const choices = samples.map((sample) => told(learner, sample, of));
    expect(choices).toEqual(hiLcbOf(samples, of, 0.015 * 13));
    if (bins > 1) expect(new Set(choices.slice(300)).size).toBe(2);
  }
});
