// @vitest-environment happy-dom
import { fireEvent, screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { toLayer } from '../../core/layers';
import { NOT_CLIMBED } from '../../core/ladder/outcome';
import type { SampleTimes } from '../../core/ladder/spans';
import { provideLanguage } from '../contexts';
import type { SentenceRow } from '../state/shown-sentence';
import { renderWith } from '../testing/render';
import { Language } from '../words/language.svelte';
import Timeline from './Timeline.svelte';

const run: SampleTimes = {
  ...{ startedAt: 0, totalMs: 50, queueMs: 0 },
  steps: [
    { layer: toLayer(1), tier: 'mobile', logits: [0, 1], computeMs: 12 },
    { layer: toLayer(2), tier: 'edge', logits: [0, 1], computeMs: 4 },
  ],
  crossings: [{ from: 'mobile', to: 'edge', afterLayer: toLayer(1), bytesUp: 1, bytesDown: 1, roundTripMs: 20 }],
  stays: [{ tier: 'mobile', totalMs: 50, queueMs: 0 }],
};

function rendered(runs: readonly SampleTimes[]): void {
  const row: SentenceRow = {
    ...{ sampleKey: 'a', task: 'sst2', texts: ['A film.'], provisional: undefined, error: undefined },
    ...{ climbed: { ...NOT_CLIMBED, runs }, outcome: undefined },
  };
  renderWith(() => provideLanguage(new Language()), Timeline, { row });
}

it('is stepped through by the arrow keys, and says each part', async () => {
  rendered([run]);
  const plot = screen.getByRole('slider', { name: 'Where the time went' });
  expect(plot.getAttribute('aria-valuetext')).toBe('50 ms from its turn to its answer');
  await fireEvent.keyDown(plot, { key: 'ArrowRight' });
  expect(plot.getAttribute('aria-valuetext')).toBe(
    'waiting for the model, and pauses · This device · 18 ms, after 0.0 ms',
  );
  await fireEvent.keyDown(plot, { key: 'End' });
  expect(plot.getAttribute('aria-valuetext')).toContain('on the way back');
  await fireEvent.keyDown(plot, { key: 'ArrowRight' });
  expect(plot.getAttribute('aria-valuenow')).toBe(plot.getAttribute('aria-valuemax'));
});

it('has a table that says the same, and says what is assumed', () => {
  rendered([run]);
  const table = screen.getByRole('table', { name: 'Where the time went', hidden: true });
  const rows = within(table).getAllByRole('row', { hidden: true });
  // 12 ms of layer 1, 18 ms of pauses, 8 ms on the way up.
  expect(rows.map(({ children }) => [...children].map(({ textContent }) => textContent))).toContainEqual([
    ...['layer 2', 'Edge', '38 ms', '4.0 ms'],
  ]);
  expect(screen.getByText(/Edge did not report its own waiting/)).toBeTruthy();
  expect(screen.getByText(/half up and half back/)).toBeTruthy();
});

it('is not there before anything has run', () => {
  rendered([]);
  expect(screen.queryByRole('slider')).toBeNull();
});
