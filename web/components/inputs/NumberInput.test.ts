// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { fakeManifest } from '../../../core/testing/fake-manifest';
import { fieldTable } from '../../../core/view/fields';
import { provideLanguage } from '../../contexts';
import { Language } from '../../words/language.svelte';
import { renderWith } from '../../testing/render';
import NumberInput from './NumberInput.svelte';

function rendered() {
  const onchange = vi.fn();
  const field = fieldTable(fakeManifest()).roundTripMs;
  renderWith(() => provideLanguage(new Language()), NumberInput, { field, value: 60, onchange });
  return { onchange, input: screen.getByLabelText<HTMLInputElement>('Round trip') };
}

describe('an input for a number', () => {
  it('hands on what is within the range', async () => {
    const { input, onchange } = rendered();
    await fireEvent.change(input, { target: { value: '75' } });
    expect(onchange).toHaveBeenCalledExactlyOnceWith(75);
    expect(screen.getByRole('alert').textContent).toBe('');
  });

  it('says what it expects, and keeps its value, where it is not', async () => {
    const { input, onchange } = rendered();
    await fireEvent.change(input, { target: { value: '4000' } });
    expect(onchange).not.toHaveBeenCalled();
    expect(screen.getByRole('alert').textContent).toBe('Round trip must be from 0 to 1000 ms.');
    expect(input.value).toBe('60');
  });
});
