// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { VERSION } from '../../core/version';
import { provideLanguage, provideSettings } from '../contexts';
import { Settings } from '../state/Settings.svelte';
import { renderWith } from '../testing/render';
import { Language } from '../words/language.svelte';
import ExportMenu from './ExportMenu.svelte';
import type { ExportFiles } from './formats';

const saved: { name: string; data: Blob }[] = [];
vi.mock('../charts/download', async (original) => ({
  ...(await original<object>()),
  download: (name: string, data: Blob) => saved.push({ name, data }),
}));

async function opened(files: ExportFiles, isDisabled = false) {
  const provide = () => {
    provideSettings(new Settings(fakeManifest()));
    provideLanguage(new Language());
  };
  renderWith(provide, ExportMenu, { name: 'What a sentence costs', files, isDisabled });
  await press('Export “What a sentence costs”');
}

const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

afterEach(() => {
  saved.length = 0;
  vi.restoreAllMocks();
});

it('offers what a card has, and saves it under the card’s name', async () => {
  await opened({ svg: () => '<svg/>', csv: async () => 'a\n1\n' });
  const offered = screen.getAllByRole('button').map(({ textContent }) => textContent.trim());
  expect(offered.slice(1)).toEqual(['CSV', 'SVG', 'Cite']);
  await press('Save “What a sentence costs” as CSV');
  await vi.waitFor(() => expect(saved).toHaveLength(1));
  expect(saved[0]?.name).toBe('dimee-what-a-sentence-costs-sst2-confidence.csv');
  expect([saved[0]?.data.type, await saved[0]?.data.text()]).toEqual(['text/csv', 'a\n1\n']);
});

it('says why nothing could be saved', async () => {
  await opened({ png: () => Promise.reject(new Error('The browser gives no canvas.')) });
  await press('Save “What a sentence costs” as PNG');
  expect((await screen.findByRole('alert')).textContent).toBe('Nothing could be saved: The browser gives no canvas.');
});

it('cites the paper and the view at its address', async () => {
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('No.', 'NotAllowedError'));
  vi.stubGlobal('ClipboardItem', undefined);
  await opened({ csv: () => '' }, true);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: /as CSV/ }).disabled).toBe(true);
  await press('Cite');
  const { value, selectionEnd } = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'BibTeX' });
  expect(value).toContain('eprint = {2410.05338}');
  expect(value).toContain(`version = {${VERSION}}`);
  expect(value).toMatch(/url = \{http:\/\/.*#v=3&task=sst2/);
  expect(selectionEnd).toBe(value.length);
});
