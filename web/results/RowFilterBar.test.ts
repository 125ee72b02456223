// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { REMARK, rowsMatching } from '../../core/trace/row-traits';
import { provideLanguage, provideRowFilter, provideSettings, provideShownRows } from '../contexts';
import { Settings } from '../state/Settings.svelte';
import { renderWith } from '../testing/render';
import { Language } from '../words/language.svelte';
import type { RowSource } from './row-source';
import { RowFilter } from './RowFilter.svelte';
import RowFilterBar from './RowFilterBar.svelte';
import type { ShownRows } from './ShownRows.svelte';

const traits = {
  layers: Uint8Array.of(1, 3, 0),
  tiers: Uint8Array.of(0, 1, 0),
  remarks: Uint8Array.of(0, REMARK.wrong, 0),
};

function rendered(change: Partial<RowSource> = {}) {
  const filter = new RowFilter(() => 'any');
  const source = { kind: 'dev', count: 3, traits, hasGold: true, hasAllExits: true, ...change } as RowSource;
  const shown: Partial<ShownRows> = {
    get count() {
      return filter.isSet ? rowsMatching(traits, filter.query).length : 3;
    },
  };
  const provide = () => {
    provideSettings(new Settings(fakeManifest()));
    provideLanguage(new Language());
    provideRowFilter(filter);
    provideShownRows(shown as ShownRows);
  };
  renderWith(provide, RowFilterBar, { source });
  return filter;
}

const chips = () => screen.getAllByRole('button').map((chip) => chip.textContent.trim().replaceAll(/\s+/g, ' '));

describe('the filters of the results', () => {
  it('count what there is, narrow down, and are cleared at once', async () => {
    const filter = rendered();
    expect(chips()).toEqual([
      'Wrong 1',
      'Changed its mind 0',
      'Differs from all 12 layers 0',
      'This device 1',
      'Edge 1',
    ]);
    await fireEvent.click(screen.getByRole('button', { name: /Wrong/ }));
    expect(screen.getByRole('button', { name: /Wrong/, pressed: true })).toBeTruthy();
    expect(screen.getByText('1 of 3')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: /Wrong/ }));
    expect(filter.isSet).toBe(false);
    await fireEvent.change(screen.getByRole('combobox', { name: 'Settled at layer' }), { target: { value: '3' } });
    expect(filter.layer).toBe(3);
    await fireEvent.click(screen.getByRole('button', { name: 'Clear all' }));
    expect(filter.isSet).toBe(false);
  });

  it('say that no row is like that, or none of those that have run', () => {
    const filter = rendered();
    filter.set({ layer: 9 });
    flushSync();
    expect(screen.getByText('No row that has been run is like that so far.')).toBeTruthy();
  });

  it('leave out what is not known of the rows', () => {
    rendered({ kind: 'file', hasGold: false, hasAllExits: false });
    expect(chips()).toEqual(['This device 1', 'Edge 1']);
  });
});
