// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Playground } from '../../Playground.svelte';
import { fakeModelWithDevSplits } from '../../testing/fake-model';
import { FakeWorker } from '../../testing/fake-worker';
import { renderWith } from '../../testing/render';
import Ask from './Ask.svelte';

function rendered(manifest = fakeModelWithDevSplits()) {
  const worker = new FakeWorker();
  vi.stubGlobal('Worker', function () {
    return worker;
  });
  const playground = new Playground(manifest, new URL('http://localhost/manifest.json'), ['ws://localhost']);
  renderWith(() => playground.provide(), Ask, {});
  const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });
  return { worker, playground, button, field: screen.getByLabelText<HTMLTextAreaElement>('Sentences') };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what is asked', () => {
  it('runs what is written, by button and by keyboard, and can be stopped', async () => {
    const { field, worker, button } = rendered();
    await fireEvent.input(field, { target: { value: 'Good.\nBad.' } });
    expect(button('Stop').disabled).toBe(true);
    await fireEvent.click(button('Run'));
    await vi.waitFor(() => expect(worker.runs).toHaveLength(1));
    expect(worker.run.samples.map(({ texts }) => texts)).toEqual([['Good.'], ['Bad.']]);
    await fireEvent.click(button('Stop'));
    expect(worker.asked.at(-1)?.type).toBe('stop');
    worker.finish(true);
    flushSync();
    expect(button('Stop').disabled).toBe(true);
    await fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
    expect(worker.runs).toHaveLength(2);
  });

  it('does not run nothing', async () => {
    const { field, button } = rendered();
    await fireEvent.input(field, { target: { value: ' ' } });
    expect(button('Run').disabled).toBe(true);
  });

  it('says which line is no pair, and adds pairs from two fields', async () => {
    const { field, worker, playground, button } = rendered();
    await fireEvent.change(screen.getByLabelText('Task'), { target: { value: 'mnli' } });
    await fireEvent.input(field, { target: { value: 'Alone.' } });
    await fireEvent.click(button('Run'));
    expect(screen.getByRole('alert').textContent).toContain('1');
    expect(worker.runs).toEqual([]);
    await fireEvent.input(field, { target: { value: '' } });
    await fireEvent.input(screen.getByLabelText('First of a pair'), { target: { value: 'It  rains.' } });
    await fireEvent.input(screen.getByLabelText('Second of a pair'), { target: { value: 'It is wet.' } });
    await fireEvent.submit(screen.getByRole('form', { name: 'Add a pair' }));
    expect(playground.settings.fields.text).toBe('It rains.\tIt is wet.');
    await fireEvent.click(button('Run'));
    await vi.waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(worker.run.samples[0]?.texts).toEqual(['It rains.', 'It is wet.']);
  });

  it('begins with one example, and shows others at each press', async () => {
    const { button, field, playground } = rendered();
    expect(field.value.split('\n')).toHaveLength(1);
    expect(playground.settings.isOwnText).toBe(false);
    await fireEvent.click(button('Examples'));
    const first = field.value;
    expect(first.split('\n')).toHaveLength(3);
    for (let press = 0; press < 3; press++) await fireEvent.click(button('Examples'));
    expect(field.value).not.toBe(first);
    expect(field.value.split('\n').toSorted()).toEqual(first.split('\n').toSorted());
  });

  it('runs one sentence at Enter, and writes another line into many', async () => {
    const { field, worker, button } = rendered();
    await fireEvent.input(field, { target: { value: 'Good.' } });
    await fireEvent.keyDown(field, { key: 'Enter', shiftKey: true });
    expect(worker.runs).toHaveLength(0);
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(worker.runs).toHaveLength(1);
    worker.answer(9);
    worker.finish();
    await fireEvent.click(button('paste many …'));
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(worker.runs).toHaveLength(1);
  });

  it('runs an example that teaches at once, and takes it for nobody’s own', async () => {
    const { worker, playground, button } = rendered();
    await fireEvent.click(button('sarcasm'));
    expect(worker.run.samples).toHaveLength(1);
    expect(playground.settings.isOwnText).toBe(false);
  });

  it('has no button for examples where there are none', () => {
    const manifest = fakeModelWithDevSplits();
    const tasks = Object.entries(manifest.tasks).map(([id, task]) => [id, { ...task, examples: [], question: '' }]);
    rendered({ ...manifest, tasks: Object.fromEntries(tasks) });
    expect(screen.queryByRole('button', { name: 'Examples' })).toBeNull();
  });
});
