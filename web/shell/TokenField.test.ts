// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { expect, it, vi } from 'vitest';
import { type Commands, provideCommands, provideLanguage } from '../contexts';
import { renderWith } from '../testing/render';
import { Language } from '../words/language.svelte';
import TokenField from './TokenField.svelte';

function rendered(isRefused: boolean) {
  const giveToken = vi.fn();
  renderWith(
    () => {
      provideLanguage(new Language());
      provideCommands({ giveToken } as unknown as Commands);
    },
    TokenField,
    { url: 'wss://edge.example:8443/v1/tier', isRefused },
  );
  return giveToken;
}

it('hands what is typed to the edge that it names, does not show it, and keeps nothing of it', async () => {
  const giveToken = rendered(false);
  const field = screen.getByLabelText<HTMLInputElement>('Token for edge.example:8443');
  expect([field.type, field.autocomplete]).toEqual(['password', 'off']);
  await fireEvent.input(field, { target: { value: ' a-token-of-this-test ' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Use it' }));
  expect(giveToken).toHaveBeenCalledExactlyOnceWith('wss://edge.example:8443/v1/tier', 'a-token-of-this-test');
  expect(field.value).toBe('');
});

it('hands over nothing where nothing is typed, and says that another was not taken', async () => {
  const giveToken = rendered(true);
  expect(document.body.textContent).toContain('did not take that token');
  await fireEvent.click(screen.getByRole('button', { name: 'Use it' }));
  expect(giveToken).not.toHaveBeenCalled();
});
