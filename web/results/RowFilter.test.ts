import { describe, expect, it } from 'vitest';
import { RowFilter } from './RowFilter.svelte';

describe('which rows are shown', () => {
  it('is asked for by any of its parts, until all is cleared', () => {
    const filter = new RowFilter(() => 'dev sst2');
    expect([filter.isSet, filter.kind]).toEqual([false, 'all']);
    filter.set({ layer: 7 });
    filter.set({ kind: 'wrong', tier: 'edge' });
    expect(filter.query).toEqual({ layer: 7, tier: 'edge', remark: 'wrong' });
    filter.set({ kind: 'all' });
    expect([filter.isSet, filter.query]).toEqual([true, { layer: 7, tier: 'edge', remark: undefined }]);
    filter.clear();
    expect(filter.isSet).toBe(false);
  });

  it('is about the rows that it was set for', () => {
    let about = 'dev sst2';
    const filter = new RowFilter(() => about);
    filter.set({ layer: 7 });
    about = 'file sst2';
    expect(filter.isSet).toBe(false);
    filter.set({ kind: 'wrong' });
    expect(filter.query).toEqual({ layer: undefined, tier: undefined, remark: 'wrong' });
  });
});
