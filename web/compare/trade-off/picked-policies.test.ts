import { describe, expect, it } from 'vitest';
import { POLICIES } from '../../../core/policies';
import { fakeManifest } from '../../../core/testing/fake-manifest';
import { fieldTable } from '../../../core/view/fields';
import { ALWAYS_DRAWN, alikeAmong, PICKABLE, pickedOf, withPicked } from './picked-policies';

describe('policies to pick', () => {
  const pickable = PICKABLE.flatMap(({ policies }) => policies.map(({ id }) => id));

  it('are, with those that are always drawn, all there are', () => {
    expect([...pickable, ...ALWAYS_DRAWN].sort()).toEqual(POLICIES.map(({ id }) => id).sort());
  });

  it('are kept in a field that a link can hold', () => {
    const { curves } = fieldTable(fakeManifest());
    const picked = withPicked(withPicked('', 'patience', true), 'oracle', true);
    expect(pickedOf(picked)).toEqual(['patience', 'oracle']);
    expect(curves.parse(picked)).toBe(picked);
    expect(withPicked(picked, 'patience', false)).toBe('oracle');
    expect(pickedOf(withPicked('oracle', 'oracle', false))).toEqual([]);
    expect(curves.parse('')).toBe('');
    expect(curves.parse('oracle,oracle')).toBe('oracle');
    expect(curves.parse('patience,none')).toBeUndefined();
    expect(curves.parse(curves.default)).toBe(curves.default);
  });

  it('rank samples alike with two classes, if they look at one exit alone', () => {
    expect(alikeAmong(['confidence', 'patience', 'entropy'], 2)).toEqual(['confidence', 'entropy']);
    expect(alikeAmong(['confidence', 'entropy'], 3)).toEqual([]);
    expect(alikeAmong(['confidence', 'patience'], 2)).toEqual([]);
  });
});
