// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Playground } from '../../Playground.svelte';
import { fakeModelWithDevSplits } from '../../testing/fake-model';
import { FakeWorker } from '../../testing/fake-worker';
import { renderWith } from '../../testing/render';
import SentenceInput from './SentenceInput.svelte';

function rendered(manifest = fakeModelWithDevSplits()) {
  const worker = new FakeWorker();
  vi.stubGlobal('Worker', function () {
    return worker;
  });
  const playground = new Playground(manifest, new URL('http://localhost/manifest.json'), 'ws://localhost');
  renderWith(() => playground.provide(), SentenceInput, {});
  const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });
  return { worker, playground, button, field: screen.getByLabelText<HTMLTextAreaElement>('Sentences') };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the input of sentences', () => {
  it('runs what is written, by button and by keyboard, and can be stopped', async () => {
    const { field, worker, button } = rendered();
    await fireEvent.input(field, { target: { value: 'Good.\nBad.' } });
    expect(button('Stop').disabled).toBe(true);
    await fireEvent.click(button('Run'));
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
    expect(screen.queryByRole('alert')).toBeNull();
    expect(worker.run.samples[0]?.texts).toEqual(['It rains.', 'It is wet.']);
  });

  it('shows the task’s question and examples, where the model brings any', async () => {
    const { button, field } = rendered();
    expect(screen.getByText('Good or bad?')).toBeTruthy();
    expect(field.value.split('\n')).toHaveLength(3);
    const before = field.value;
    for (let press = 0; press < 3; press++) await fireEvent.click(button('Examples'));
    expect(field.value).not.toBe(before);
    expect(field.value.split('\n').toSorted()).toEqual(before.split('\n').toSorted());
  });

  it('has no button for examples where there are none', () => {
    const manifest = fakeModelWithDevSplits();
    const tasks = Object.entries(manifest.tasks).map(([id, task]) => [id, { ...task, examples: [], question: '' }]);
    rendered({ ...manifest, tasks: Object.fromEntries(tasks) });
    expect(screen.queryByRole('button', { name: 'Examples' })).toBeNull();
  });
});
