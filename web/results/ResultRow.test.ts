// @vitest-environment happy-dom
import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { readingOf } from '../../core/model/reading';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { toLayer } from '../../core/layers';
import { NOT_CLIMBED, outcomeOf, type Climbed } from '../../core/ladder/outcome';
import { taskExits, taskOf } from '../../core/model/manifest';
import { provideFitting, provideLanguage, provideSettings } from '../contexts';
import { Fitting } from '../state/Fitting.svelte';
import { SentenceRows } from './sentence-rows';
import { Settings } from '../state/Settings.svelte';
import { type SentenceRow, ShownSentence } from '../state/shown-sentence';
import { renderWith } from '../testing/render';
import { Language } from '../words/language.svelte';
import ResultRow from './ResultRow.svelte';

const settings = new Settings(fakeManifest());
const fitting = new Fitting(settings, { fittedFor: () => Promise.reject(new Error('Nothing is fitted.')) });

const nothing = { count: 0, rowAt: () => undefined, countedRowAt: () => undefined };
const source = new SentenceRows(nothing, 'Your sentences', settings.task.labels, 12);

/** A sentence that was unsure at layer 1 and leaves at layer 2. */
const climbed: Climbed = {
  exits: taskExits(taskOf(settings.manifest, 'sst2'), [
    [0, 0.5],
    [0, 6],
  ]),
  steps: [1, 2].map(() => ({ tier: 'mobile', computeMs: 2 })),
  hops: [],
  runs: [],
  ...{ tokens: 7, reading: undefined, layerRuns: 2, ranLocally: undefined, distances: undefined },
} as unknown as Climbed;

const UNSEEN = {
  ...{ sampleKey: 'a', task: 'sst2', texts: ['A film.'] as const, climbed: NOT_CLIMBED },
  ...{ provisional: undefined, error: undefined },
};
const RULES = { decision: fitting.decision, costs: settings.costs, problem: undefined, key: '' };

function rendered(change: Partial<SentenceRow> = {}, isOpen = false) {
  const ontoggle = vi.fn();
  const { decision } = fitting;
  const outcome = decision && outcomeOf(climbed, decision, settings.costs, { rowSeed: undefined });
  const known = { sampleKey: 'a', task: 'sst2', texts: ['A film.'] as const, provisional: undefined, error: undefined };
  const row: SentenceRow = { ...known, climbed, outcome, ...change };
  renderWith(
    () => {
      provideFitting(fitting);
      provideSettings(settings);
      provideLanguage(new Language());
    },
    ResultRow,
    { ...{ row, source, place: 0, number: 1, isOpen, ontoggle }, measured: () => undefined },
  );
  return { ontoggle };
}

describe('a line of the results', () => {
  it('says where the sentence left and how sure it was', async () => {
    const { ontoggle } = rendered();
    const words = screen.getAllByRole('cell').map((cell) => cell.textContent.trim());
    expect(words).toEqual(expect.arrayContaining(['positive', '0.998', '2', 'This device']));
    expect(screen.queryByRole('table', { name: 'Confidence at every exit' })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: /A film/ }));
    expect(ontoggle).toHaveBeenCalledOnce();
  });

  it('opens to its exits, the one that it left at among them', () => {
    rendered({}, true);
    expect(screen.getByRole('button', { expanded: true })).toBeTruthy();
    const exits = screen.getByRole('table', { name: 'Confidence at every exit' });
    const [, ...rows] = within(exits).getAllByRole('row');
    expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual(['1', '2']);
    expect(rows.map((row) => row.className.includes('left'))).toEqual([false, true]);
    expect(screen.getByText(/7 tokens/)).toBeTruthy();
  });

  it('says what was cut of the sentence and how much of it is unknown', () => {
    const reading = readingOf([{ tokens: 410, read: 126, unknown: 63 }]);
    rendered({ climbed: { ...climbed, reading } });
    expect(screen.getByText('read 128 of 412 tokens · 50 % unknown tokens')).toBeTruthy();
  });

  it('isolates what people wrote, whichever way it runs', () => {
    rendered({ texts: ['שלום', '\u202egnob'] });
    expect(screen.getByText('שלום').dir).toBe('auto');
    expect(screen.getByText(/gnob/).dir).toBe('auto');
  });

  it('shows no more than the beginning of a line that is too long', () => {
    const error = { code: 'BAD_INPUT', message: 'Line 1 is too long.', retryable: false } as const;
    rendered({ texts: ['long '.repeat(2001)], outcome: undefined, error });
    expect(screen.getByText(/^long/).textContent.length).toBeLessThan(300);
  });

  it('takes a line without a known token for no failure', () => {
    const error = { code: 'NO_KNOWN_TOKEN', message: 'No sentence.', retryable: false } as const;
    rendered({ outcome: undefined, error });
    expect(screen.getByText('No sentence.').classList.contains('problem')).toBe(false);
  });

  it('says why there is no answer', () => {
    rendered({ outcome: undefined, error: { code: 'BAD_INPUT', message: 'Too long.', retryable: false } });
    expect(screen.getByText('Too long.')).toBeTruthy();
  });

  it('shows the first answer while a farther tier is asked', () => {
    rendered({ outcome: undefined, provisional: climbed.exits[0] });
    expect(screen.getByText('first answer')).toBeTruthy();
  });

  describe('that came with a link', () => {
    const way = [{ tier: 'mobile', firstLayer: toLayer(1), lastLayer: toLayer(2) }] as const;
    const sent = { answer: { way, label: 1, confidence: 0.9 }, under: 'others' };

    it('knows its answer, and neither its time nor its exits', () => {
      const outcome = new ShownSentence({ ...UNSEEN, sent }).rowUnder({ ...RULES, key: 'others' }).outcome;
      rendered({ ...UNSEEN, sent, outcome }, true);
      const words = screen.getAllByRole('cell').map((cell) => cell.textContent.trim());
      expect(words).toEqual(expect.arrayContaining(['positive', '0.900', '2', 'This device', '2.0', '–']));
      expect(screen.queryByRole('table', { name: 'Confidence at every exit' })).toBeNull();
      screen.getByText(/Press Run to see here how sure every exit is/);
    });

    it('needs a run where settings have moved, or where it was sent without an answer', () => {
      rendered(new ShownSentence({ ...UNSEEN, sent }).rowUnder({ ...RULES, key: 'mine' }));
      screen.getByText('needs a run here: it was sent for other settings');
      rendered(new ShownSentence({ ...UNSEEN, sent: { ...sent, answer: undefined } }).rowUnder(RULES));
      screen.getByText('sent without an answer: needs a run here');
    });
  });
});
