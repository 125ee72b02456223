import { expect, it } from 'vitest';
import type { SavedView } from './Settings.svelte';
import { UndoStack } from './UndoStack.svelte';

const view = (hash: string, text = ''): SavedView => ({ hash, text, otherTexts: {} });

it('takes steps back and forth, until a new one is made', () => {
  const stack = new UndoStack();
  const [first, second, third] = [view('#v=2&m=1'), view('#v=2&m=2'), view('#v=2&m=2', 'Mine.')];
  for (const step of [first, second, third]) stack.note(step);
  expect([stack.undo(), stack.undo(), stack.undo()]).toEqual([second, first, undefined]);
  expect([stack.redo(), stack.canRedo, stack.canUndo]).toEqual([second, true, true]);
  stack.note(second);
  expect(stack.canRedo).toBe(true);
  stack.note(view('#v=2&m=5'));
  expect([stack.canRedo, stack.undo()]).toEqual([false, second]);
});

it('takes no route and nothing that is merely shown for a step', () => {
  const stack = new UndoStack();
  stack.note(view('#v=2&m=1'));
  stack.note(view('#v=2&m=1&view=compare&panel=network&show=sentences'));
  expect(stack.canUndo).toBe(false);
});
