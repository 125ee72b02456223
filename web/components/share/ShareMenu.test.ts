// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toLayer } from '../../../core/layers';
import { fakeManifest } from '../../../core/testing/fake-manifest';
import { readLink } from '../../../core/view/link';
import type { SentResults } from '../../../core/view/sent-results';
import { provideDevSplit, provideEdgeTokens, provideLanguage, provideSentences, provideSettings } from '../../contexts';
import type { DevSplit } from '../../state/DevSplit.svelte';
import { EdgeTokens } from '../../state/EdgeTokens';
import type { Sentences } from '../../state/Sentences.svelte';
import { Settings } from '../../state/Settings.svelte';
import { Language } from '../../words/language.svelte';
import { renderWith } from '../../testing/render';
import ShareMenu from './ShareMenu.svelte';

/** The page's server, which answers each request in turn; none where there is no answer. */
function serverOf(...answers: readonly { status?: number; body: unknown }[]) {
  const asked: { path: string; body: string | undefined; authorization: string | undefined }[] = [];
  const left = [...answers];
  vi.stubGlobal(
    'fetch',
    async (url: URL, { body, headers }: { body?: string; headers?: Record<string, string> } = {}) => {
      asked.push({ path: url.pathname, body, authorization: headers?.Authorization });
      const answer = left.shift();
      if (!answer) throw new TypeError('Failed to fetch');
      return Response.json(answer.body, { status: answer.status ?? 200 });
    },
  );
  return asked;
}

const ANSWER = {
  way: [{ tier: 'mobile', firstLayer: toLayer(1), lastLayer: toLayer(3) }],
  ...{ label: 1, confidence: 0.9 },
} as const;

const tokens = new EdgeTokens(undefined);

async function opened({ count = 0, answers = undefined as SentResults | undefined, areSent = false } = {}) {
  const settings = new Settings(fakeManifest());
  const sentences = { count, areSent, answers: () => answers } as Partial<Sentences> as Sentences;
  const provide = () => {
    provideSettings(settings);
    provideSentences(sentences);
    provideDevSplit({ result: undefined } as Partial<DevSplit> as DevSplit);
    provideLanguage(new Language());
    provideEdgeTokens(tokens);
  };
  renderWith(provide, ShareMenu, {});
  await openMenu();
  return settings;
}

/** What it offers is fetched when it is opened. */
async function openMenu() {
  await press('Share');
  await screen.findByRole('button', { name: 'Copy link' });
}

const withResults = () => screen.getByRole<HTMLInputElement>('checkbox', { name: 'With results' });

const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
const isOpen = () => screen.queryByRole('button', { name: 'Copy link' }) !== null;
const field = (name: string) => screen.findByRole<HTMLTextAreaElement>('textbox', { name });
const said = () => screen.getByRole('status', { name: 'Link' }).textContent;

beforeEach(() => {
  history.replaceState({ key: 'mine' }, '', '/');
  vi.stubGlobal('ClipboardItem', undefined);
  serverOf();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('the menu of Share', () => {
  it('copies a link, which stands in the address too, in the same entry of the history', async () => {
    const written: string[] = [];
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => void written.push(text));
    const settings = await opened();
    settings.set({ mobileLayers: 3 });
    await press('Copy link');
    const { value } = await field('Link');
    expect(value).toMatch(/\/#v=3&.*m=3/);
    expect([written, location.href, history.state]).toEqual([[value], value, { key: 'mine' }]);
    expect(said()).toContain('Link copied');
  });

  it('offers the link selected where the clipboard is not to be had', async () => {
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('No.', 'NotAllowedError'));
    await opened();
    await press('Copy link');
    const { value, selectionStart, selectionEnd } = await field('Link');
    expect([selectionStart, selectionEnd]).toEqual([0, value.length]);
    expect(said()).toContain('Link, to be copied');
  });

  it('says that a link is long, and that one is too long', async () => {
    const settings = await opened();
    let state = 7;
    const noise = (signs: number) =>
      Array.from({ length: signs }, () => String.fromCharCode(97 + ((state = (state * 48_271) % 2_147_483_647) % 26)));
    settings.set({ text: noise(4000).join('') });
    await press('Copy link');
    await field('Link');
    expect(said()).toMatch(/This link has \d,\d{3} characters: many programs cut it after 2,000/);
    settings.set({ text: noise(200_000).join('') });
    await press('Copy link');
    expect((await screen.findByRole('alert')).textContent).toContain('too long for a link');
    expect(screen.queryByRole('textbox')).toBeNull();
  });

  it('has the server keep a short link, after saying that it does', async () => {
    const asked = serverOf({ body: { keptIn: 'memory' } }, { body: { id: 'aZ09_-aZ09_-' } });
    const settings = await opened();
    await screen.findByText(/This server then keeps settings and sentences until it is started again/);
    expect(asked).toEqual([{ path: '/api/links', body: undefined }]);
    settings.set({ mobileLayers: 3 });
    await press('Short link');
    expect((await field('Short link')).value).toMatch(/\/s\/aZ09_-aZ09_-$/);
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ hash: await settings.link() });
    expect(location.hash).toBe('');
  });

  it('says why there are no short links, and what the server has against one', async () => {
    serverOf({ body: '<!doctype html>' });
    await opened();
    await screen.findByText(/No short links: there is no server at this address/);
    expect(screen.queryByRole('button', { name: 'Short link' })).toBeNull();
    await press('Share');
    serverOf({ body: { keptIn: 'files' } }, { status: 429, body: { message: 'Too many. Try again in 9 seconds.' } });
    await press('Share');
    await screen.findByText(/keeps settings and sentences, for anybody/);
    await press('Short link');
    expect((await screen.findByRole('alert')).textContent).toBe('Too many. Try again in 9 seconds.');
    serverOf();
    await press('Short link');
    await screen.findByText(/cannot be reached/);
  });

  it('shows the server its token, which stands in no link', async () => {
    tokens.keep(document.baseURI, 'a-token-of-this-test');
    const asked = serverOf({ body: { keptIn: 'memory' } }, { body: { id: 'aZ09_-aZ09_-' } });
    await opened();
    await fireEvent.click(await screen.findByRole('button', { name: 'Short link' }));
    expect((await field('Short link')).value).not.toContain('token');
    expect(asked.map(({ authorization }) => authorization)).toEqual(new Array(2).fill('Bearer a-token-of-this-test'));
    expect(asked[1]?.body).not.toContain('token');
    await press('Copy link');
    expect((await field('Link')).value).not.toContain('token');
  });

  it('sends results along if asked, and says how much longer that makes the link', async () => {
    const settings = await opened({ count: 3, answers: [ANSWER, undefined, ANSWER] });
    await screen.findByText(/of 2 of 3 lines.*The link has [\d,]+ characters with them, [\d,]+ characters without/s);
    expect(withResults().checked).toBe(false);
    await press('Copy link');
    expect((await field('Link')).value).not.toContain('results=');
    await fireEvent.click(withResults());
    await press('Copy link');
    await vi.waitFor(async () => expect((await field('Link')).value).toContain('&results='));
    const { results } = await readLink(new URL((await field('Link')).value).hash, settings.manifest);
    expect(results).toEqual([ANSWER, undefined, ANSWER]);
  });

  it('sends none along that are of other sentences than those written, or of none', async () => {
    await opened({ count: 3 });
    expect(withResults().disabled).toBe(true);
    screen.getByText(/The sentences were changed after the run/);
  });

  it('passes on what was sent here as it came', async () => {
    await opened({ count: 1, answers: [ANSWER], areSent: true });
    expect(withResults().checked).toBe(true);
    await press('Copy link');
    expect((await field('Link')).value).toContain('results=');
  });

  it('gives the code of a frame that names its view', async () => {
    await opened();
    await press('Embed code');
    expect((await field('Embed code')).value).toMatch(/^<iframe src=".*\/\?embed#v=3&amp;.*" title="Sentiment with /);
  });

  it('closes by Escape, which leads back to the button, by a press or the keyboard elsewhere', async () => {
    await opened();
    const button = screen.getByRole('button', { name: 'Share' });
    expect(button.getAttribute('aria-expanded')).toBe('true');
    screen.getByRole('button', { name: 'Copy link' }).focus();
    await fireEvent.keyDown(screen.getByRole('button', { name: 'Copy link' }), { key: 'Escape' });
    expect([isOpen(), document.activeElement, button.getAttribute('aria-expanded')]).toEqual([false, button, 'false']);
    await openMenu();
    await fireEvent.pointerDown(screen.getByRole('group'));
    expect(isOpen()).toBe(true);
    await fireEvent.pointerDown(document.body);
    expect(isOpen()).toBe(false);
    await openMenu();
    await fireEvent.focusIn(document.body);
    expect(isOpen()).toBe(false);
  });
});
