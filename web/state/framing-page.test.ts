import { afterEach, expect, test, vi } from 'vitest';
import { followInHub } from './framing-page';

afterEach(() => vi.unstubAllGlobals());

/** What a page in a frame posts to the one around it when its address changes. */
function posted(ancestorOrigins: readonly string[] | undefined, referrer: string): unknown[] {
  const [messages, navigation] = [[] as unknown[], new EventTarget()];
  const parent = { postMessage: (...message: unknown[]) => messages.push(...message) };
  vi.stubGlobal('window', { navigation, parent });
  vi.stubGlobal('location', { hash: '#v=1', search: '?edge=none', ancestorOrigins });
  vi.stubGlobal('document', { referrer });
  followInHub();
  navigation.dispatchEvent(new Event('currententrychange'));
  return messages;
}

const SENT = [{ hash: '#v=1', queryString: 'edge=none' }, 'https://huggingface.co'];

test.each([
  [['https://huggingface.co'], '', SENT],
  [['https://elsewhere.example', 'https://huggingface.co'], 'https://huggingface.co/', []],
  [undefined, 'https://huggingface.co/spaces/a/b', SENT],
  [undefined, 'https://huggingface.co.example/', []],
  [undefined, '', []],
])('a page in a frame of %j, sent by “%s”, posts %j', (ancestorOrigins, referrer, messages) => {
  expect(posted(ancestorOrigins, referrer)).toEqual(messages);
});

test('a page on its own posts nothing', () => {
  const self = { navigation: new EventTarget(), postMessage: vi.fn() };
  vi.stubGlobal('window', Object.assign(self, { parent: self }));
  vi.stubGlobal('location', { hash: '', search: '', ancestorOrigins: ['https://huggingface.co'] });
  followInHub();
  self.navigation.dispatchEvent(new Event('currententrychange'));
  expect(self.postMessage).not.toHaveBeenCalled();
});
