// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../../core/model/manifest';
import { fakeManifestJson } from '../../../core/testing/fake-manifest';
import { type Commands, provideCommands, provideLanguage, providePicture, provideSettings } from '../../contexts';
import { Picture } from '../../state/Picture.svelte';
import type { OwnData } from '../../own-data/OwnData.svelte';
import type { Sentences } from '../../state/Sentences.svelte';
import { Settings } from '../../state/Settings.svelte';
import { Language } from '../../words/language.svelte';
import { renderWith } from '../../testing/render';
import PolicyControls from './PolicyControls.svelte';

function rendered(policy: string): Settings {
  const json = fakeManifestJson();
  const sst2 = { ...json.tasks.sst2, thresholds: { mobile: 0.715, edge: 0.645 } };
  const settings = new Settings(parseManifest({ ...json, tasks: { ...json.tasks, sst2 } }));
  settings.set({ policy });
  const devSplit = { result: undefined, policyProblem: undefined };
  const provide = () => {
    provideSettings(settings);
    provideCommands({} as Commands);
    provideLanguage(new Language());
    const { sentences, ownData } = {} as Record<'sentences', Sentences> & Record<'ownData', OwnData>;
    providePicture(new Picture(settings, { problem: undefined }, devSplit, sentences, ownData));
  };
  renderWith(provide, PolicyControls, {});
  return settings;
}

const button = () => screen.queryByRole('button', { name: 'Calibrated thresholds' });

describe('the sliders of a policy', () => {
  it('take the thresholds that the model brings, and leave the cloud’s', async () => {
    const settings = rendered('confidence');
    const found = button();
    if (!found) throw new Error('There is no button.');
    expect(found).toHaveProperty('disabled', true);
    settings.setParameters({ mobileThreshold: 0.62 });
    flushSync();
    await fireEvent.click(found);
    expect(settings.parameters).toEqual({ mobileThreshold: 0.715, edgeThreshold: 0.645, cloudThreshold: 1 });
    expect(screen.getByRole('slider', { name: 'Edge threshold' })).toHaveProperty('value', '0.645');
  });

  it.each(['margin', 'confidence-per-exit', 'spinn'])('of %s have no use for them', (policy) => {
    rendered(policy);
    expect(button()).toBeNull();
  });
});
