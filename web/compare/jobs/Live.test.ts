// @vitest-environment happy-dom
import { cleanup } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { CurveJob } from '../../../core/lab/frontier';
import type { LabSetting } from '../../../core/lab/setting';
import { fakeManifest } from '../../../core/testing/fake-manifest';
import Slider from '../../components/inputs/Slider.svelte';
import { provideLanguage } from '../../contexts';
import { Settings } from '../../state/Settings.svelte';
import { renderWith } from '../../testing/render';
import { Language } from '../../words/language.svelte';
import type { Lab } from '../Lab.svelte';
import { Live } from './Live.svelte';

/** Lets everything happen that follows from what was done. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** A Lab whose setting is another whenever the costs are, and whose worker answers when it is told to. */
class FakeLab {
  readonly settings = new Settings(fakeManifest());
  readonly asked: string[] = [];
  signal: AbortSignal | undefined;
  readonly #rows = {};
  #settle: { resolve: (answer: unknown) => void; reject: (reason: unknown) => void } | undefined;
  #setting: LabSetting | undefined;

  get setting(): LabSetting {
    const { costs } = this.settings;
    if (this.#setting?.costs !== costs) this.#setting = { costs, evaluation: this.#rows } as LabSetting;
    return this.#setting;
  }

  compute = ((_: 'frontier', { policy }: CurveJob, signal: AbortSignal) => {
    this.asked.push(policy);
    this.signal = signal;
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }) as unknown as Lab['compute'];

  async answer(answer: unknown): Promise<void> {
    this.#settle?.resolve(answer);
    await settled();
  }

  async fail(problem: string): Promise<void> {
    this.#settle?.reject(new Error(problem));
    await settled();
  }
}

const JOBS = ['confidence', 'margin', 'entropy'].map((policy) => ({ policy }));

async function started() {
  const lab = new FakeLab();
  const made: { live?: Live<'frontier'> } = {};
  const provide = () => {
    provideLanguage(new Language());
    made.live = new Live(lab, 'frontier', () => JOBS, { subjectOf: ({ policy }) => policy });
  };
  renderWith(provide, Slider, { label: '', value: 0, min: 0, max: 1, step: 1, onchange: () => undefined });
  await settled();
  const { live } = made;
  if (!live) throw new Error('Nothing was made.');
  return { lab, live };
}

test('jobs are asked one after the other, and one that fails holds up no other', async () => {
  const { lab, live } = await started();
  expect([lab.asked, live.answers, live.isBusy]).toEqual([['confidence'], [], true]);
  await lab.answer('curve of confidence');
  await lab.fail('Out of memory.');
  expect(lab.asked).toEqual(['confidence', 'margin', 'entropy']);
  await lab.answer('curve of entropy');
  expect([live.answers, live.problems, live.isBusy]).toEqual([
    ['curve of confidence', 'curve of entropy'],
    ['Out of memory.'],
    false,
  ]);
});

test('under another setting all are asked anew, and answers stand until their turn has come', async () => {
  const { lab, live } = await started();
  for (const { policy } of JOBS) await lab.answer(policy);
  lab.settings.set({ mobileLayer: 3 });
  await settled();
  expect([live.answers, live.isBusy]).toEqual([['confidence', 'margin', 'entropy'], true]);
  await lab.answer('another');
  expect(live.answers).toEqual(['another', 'margin', 'entropy']);
  expect(lab.asked.slice(3)).toEqual(['confidence', 'margin']);
});

test('nothing is asked any more once the component is gone', async () => {
  const { lab } = await started();
  cleanup();
  expect(lab.signal?.aborted).toBe(true);
  await lab.fail('Gone.');
  expect(lab.asked).toEqual(['confidence']);
});
