// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fakeManifest } from '../../../core/testing/fake-manifest';
import {
  type Commands,
  provideCommands,
  provideLab,
  provideLanguage,
  provideOptimiser,
  providePolicyTable,
  provideSettings,
} from '../../contexts';
import { Language } from '../../words/language.svelte';
import type { Plan } from '../../../core/layers';
import { Settings } from '../../state/Settings.svelte';
import { renderWith } from '../../testing/render';
import type { Lab } from '../Lab.svelte';
import ComparisonPanel from './ComparisonPanel.svelte';
import { Optimiser } from './Optimiser.svelte';
import { type PolicyLine, PolicyTable } from './PolicyTable.svelte';

function lineOf(policy: string, accuracy: number, parameters: Readonly<Record<string, number>>): PolicyLine {
  const interval = [0, 0] as const;
  const numbers = { accuracy, lossPoints: 90 - 100 * accuracy, lossInterval: interval, costCutPercent: 50 };
  const shares = { mobile: 0.5, edge: 0.3, cloud: 0.2 };
  const result = {
    ...numbers,
    costCutInterval: interval,
    gainPoints: 1,
    gainInterval: interval,
    layersSaved: 4,
    shares,
  };
  const row = { policy, rows: 100, parameters, result, missing: null, isAimReached: true, expectedLossPoints: null };
  const lossPoints = Float64Array.from({ length: 100 }, (_, place) => (place < 100 * (1 - accuracy) ? 100 : 0));
  const replicates = { lossPoints: new Float64Array(1), costCutPercent: new Float64Array(1) };
  return { row, measured: { row, replicates, lossPoints }, isCurrent: true } as unknown as PolicyLine;
}

function commandsOf(settings: Settings): Commands {
  return { setPlan: (plan: Partial<Plan>) => settings.setPlan(plan) } as unknown as Commands;
}

const language = new Language();
beforeAll(() => language.fetch('compare'));

function show(settings: Settings, lab: Lab, table: PolicyTable): void {
  renderWith(
    () => {
      provideSettings(settings);
      provideLab(lab);
      provideLanguage(language);
      provideCommands(commandsOf(settings));
      providePolicyTable(table);
      provideOptimiser(new Optimiser(lab, settings));
    },
    ComparisonPanel,
    {},
  );
}

function rendered() {
  const settings = new Settings(fakeManifest());
  const lab = { source: undefined, setting: undefined, isOwn: false } as unknown as Lab;
  const table = {
    lines: [
      lineOf('margin', 0.88, { mobileThreshold: 0.5 }),
      lineOf('oracle', 0.99, {}),
      lineOf('all-cloud', 0.91, {}),
      lineOf('entropy', 0.9, { mobileThreshold: 0.2 }),
    ],
    ...{ done: 2, all: 9, isRunning: true, isHalted: false, problem: undefined, comparison: undefined },
    ...{ keepUp: vi.fn(), halt: vi.fn() },
  };
  show(settings, lab, table as unknown as PolicyTable);
  const policies = () => {
    const rows = within(screen.getByRole('table', { name: 'Policies' })).getAllByRole('rowheader');
    return rows.map((header) => header.firstChild?.textContent?.trim());
  };
  return { settings, table, policies };
}

afterEach(() => vi.useRealTimers());

describe('the table that compares policies', () => {
  it('has methods before what all must beat and before the oracle, which nobody can use', () => {
    const { policies } = rendered();
    expect(policies()).toEqual(['Margin', 'Entropy', 'All cloud', 'Oracle']);
    expect(screen.queryByRole('button', { name: /^Use Oracle/ })).toBeNull();
  });

  it('names none the best, and says below a name in what it is no different from the first', () => {
    rendered();
    expect(screen.getByText('Methods, by compute saved')).toBeTruthy();
    // Two rows of a hundred tell the two apart, and nothing in what they cost.
    expect(screen.getByRole('rowheader', { name: /^Entropy/ }).textContent).toContain(
      'No different from the first beyond chance',
    );
    expect(screen.getByText(/^No different/).title).toContain('p = 0.50');
    expect(screen.getByRole('rowheader', { name: 'Margin' })).toBeTruthy();
  });

  it('sorts each part by a column, the other way round at the next press', async () => {
    const { policies, table } = rendered();
    expect(table.keepUp).toHaveBeenCalledOnce();
    const methods = () => policies().slice(0, 2);
    const accuracy = screen.getByRole('button', { name: /^Accuracy/ });
    await fireEvent.click(accuracy);
    expect(methods()).toEqual(['Entropy', 'Margin']);
    expect(screen.getByRole('columnheader', { name: /^Accuracy/ }).getAttribute('aria-sort')).toBe('descending');
    await fireEvent.click(accuracy);
    expect(methods()).toEqual(['Margin', 'Entropy']);
    await fireEvent.click(screen.getByRole('button', { name: /^Policy/ }));
    expect(methods()).toEqual(['Entropy', 'Margin']);
  });

  it('says how far it is, and can be stopped', async () => {
    const { table } = rendered();
    expect(screen.getByRole('status', { name: 'Comparison' }).textContent).toContain('2 of 9 policies');
    await fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(table.halt).toHaveBeenCalledOnce();
  });

  it('measures anew once a slider rests, and no more when the Lab is left', () => {
    vi.useFakeTimers();
    const settings = new Settings(fakeManifest());
    const signals: AbortSignal[] = [];
    const compute = (_kind: string, _job: object, signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    };
    const lab = { source: undefined, setting: {}, isOwn: false, compute } as unknown as Lab;
    show(settings, lab, new PolicyTable(lab, settings));
    /** With what the browser does in between. */
    const pass = (ms: number) => {
      vi.advanceTimersByTime(ms);
      flushSync();
    };
    pass(249);
    expect(signals).toHaveLength(0);
    pass(1);
    expect(signals).toHaveLength(1);
    settings.set({ allowedLoss: 1 });
    flushSync();
    expect(signals[0]?.aborted).toBe(true);
    pass(250);
    expect(signals).toHaveLength(2);
    cleanup();
    pass(1000);
    expect([signals.length, signals[1]?.aborted]).toEqual([2, true]);
  });

  it('makes a line’s policy and parameters A or B', async () => {
    const { settings } = rendered();
    await fireEvent.click(screen.getByRole('button', { name: 'Use Margin as A' }));
    expect([settings.policy.id, settings.parameters.mobileThreshold]).toEqual(['margin', 0.5]);
    await fireEvent.click(screen.getByRole('button', { name: 'Use Entropy as B' }));
    expect([settings.b.policy.id, settings.b.parameters.mobileThreshold]).toEqual(['entropy', 0.2]);
    expect(settings.policy.id).toBe('margin');
  });
});
