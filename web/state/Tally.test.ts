import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_COSTS } from '../../core/cost';
import { exitsOf } from '../../core/exits';
import { stretchesOf } from '../../core/layers';
import { NOT_CLIMBED } from '../../core/ladder/outcome';
import { confidence } from '../../core/policies/confidence';
import { RowCounts } from './row-counts';
import { type RowRules, ShownSentence } from './shown-sentence';
import { Tally } from './Tally.svelte';

const LAYERS = 3;
const stretches = stretchesOf('cascade', { mobileLayers: 1, edgeLayers: 2 }, LAYERS);

function rulesOf(threshold: number): RowRules {
  const parameters = { mobileThreshold: threshold, edgeThreshold: threshold, cloudThreshold: threshold };
  return { decision: { policy: confidence, parameters, stretches }, costs: DEFAULT_COSTS, problem: undefined, key: '' };
}

/** A sentence that gets surer from layer to layer; the higher its number, the surer. Known up to `layers`. */
function climbed(number: number, layers: number) {
  const logits = Array.from({ length: layers }, (_, index) => [(index + 1) * ((number % 7) / 3), 0]);
  return { ...NOT_CLIMBED, exits: exitsOf(logits, new Array<number>(layers).fill(1)), layerRuns: layers };
}

function shown(number: number, layers = LAYERS): ShownSentence {
  const known = { task: 'sst2', texts: [`Sentence ${number}.`] as const, provisional: undefined, error: undefined };
  const sentence = new ShownSentence({ sampleKey: `${number}`, ...known, climbed: climbed(number, layers) });
  sentence.lines = 1 + (number % 2);
  return sentence;
}

function countedAtOnce(sentences: readonly ShownSentence[], under: RowRules) {
  const counts = new RowCounts(LAYERS);
  for (const sentence of sentences) counts.count(sentence, sentence.rowUnder(under));
  return counts.totals();
}

/** What matters of totals, in an order that does not depend on how they came about. */
function view({ decided, failed, layerRuns, groups }: ReturnType<typeof countedAtOnce>) {
  const counts = groups.map(({ outcome, count }) => `${outcome.tier} ${outcome.exit.layer}: ${count}`).sort();
  return { decided, failed, layerRuns, counts };
}

describe('what the rows add up to', () => {
  /** A clock that goes on by a millisecond whenever it is looked at. */
  beforeEach(() => {
    vi.useFakeTimers();
    let now = 0;
    vi.stubGlobal('performance', { now: () => now++ });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const many = Array.from({ length: 2000 }, (_, number) => shown(number));

  it('is there at once for few rows', () => {
    const swept = vi.fn();
    const tally = new Tally(LAYERS, swept);
    const few = many.slice(0, 50);
    tally.follow(few, rulesOf(0.9));
    expect(view(tally.totals)).toEqual(view(countedAtOnce(few, rulesOf(0.9))));
    expect(tally.totals.decided).toBe(75);
    expect(swept).toHaveBeenCalledOnce();
  });

  it('is counted in slices for many rows, and then the same', () => {
    const swept = vi.fn();
    const tally = new Tally(LAYERS, swept);
    tally.follow(many, rulesOf(0.9));
    expect(tally.isSweeping).toBe(true);
    expect(swept).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(view(tally.totals)).toEqual(view(countedAtOnce(many, rulesOf(0.9))));
    expect(swept).toHaveBeenCalledOnce();
  });

  it('ends with the latest settings, however often they move on the way', () => {
    const swept = vi.fn();
    const tally = new Tally(LAYERS, swept);
    for (const threshold of [0.5, 0.6, 0.99, 0.8]) {
      tally.follow(many, rulesOf(threshold));
      vi.advanceTimersToNextTimer();
    }
    vi.runAllTimers();
    expect(view(tally.totals)).toEqual(view(countedAtOnce(many, rulesOf(0.8))));
    expect(swept).toHaveBeenCalledOnce();
  });

  it('counts a sentence anew when more is known of it, in the middle of a sweep and after it', () => {
    const tally = new Tally(LAYERS, () => undefined);
    const sentences = Array.from({ length: 1000 }, (_, number) => shown(number, 1));
    tally.follow(sentences, rulesOf(0.9));
    const learn = (number: number) => {
      const sentence = sentences[number];
      if (!sentence) throw new Error('There is no such sentence.');
      sentence.sentence = { ...sentence.sentence, climbed: climbed(number, LAYERS) };
      tally.changed(sentence);
    };
    learn(0);
    learn(999);
    vi.runAllTimers();
    learn(1);
    vi.runAllTimers();
    expect(view(tally.totals)).toEqual(view(countedAtOnce(sentences, rulesOf(0.9))));
    expect(sentences.filter(({ sentence }) => sentence.climbed.exits.length === LAYERS)).toHaveLength(3);
  });

  it('names those that wait, in the order of the lines', () => {
    const tally = new Tally(LAYERS, () => undefined);
    tally.follow([shown(6), shown(0, 1), shown(7, 1)], rulesOf(0.9));
    expect(tally.waiting(1).map(({ sampleKey }) => sampleKey)).toEqual(['0']);
    expect(tally.waiting(9).map(({ sampleKey }) => sampleKey)).toEqual(['0', '7']);
  });

  it('books rows that the policy cannot be asked of as failed', () => {
    const tally = new Tally(LAYERS, () => undefined);
    tally.follow(many.slice(0, 4), { ...rulesOf(0.9), problem: 'It needs labels.' });
    expect(view(tally.totals)).toMatchObject({ decided: 0, failed: 6, counts: [] });
  });

  it('keeps a row as it is while nothing of it changes', () => {
    const [settings, sentence] = [rulesOf(0.9), shown(3)];
    expect(sentence.rowUnder(settings)).toBe(sentence.rowUnder(settings));
    expect(sentence.rowUnder(rulesOf(0.9))).not.toBe(sentence.rowUnder(settings));
  });
});
