// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { copyWhenMade } from './clipboard';

/** A clipboard that keeps what it is given. */
function clipboardOf({ takesItems = true, takesText = true } = {}) {
  const written: string[] = [];
  const asked: string[] = [];
  const refuse = () => Promise.reject(new DOMException('Not now.', 'NotAllowedError'));
  vi.stubGlobal(
    'ClipboardItem',
    class {
      constructor(readonly types: Readonly<Record<string, Promise<Blob>>>) {}
    },
  );
  vi.stubGlobal('navigator', {
    clipboard: {
      write: async ([item]: { types: Readonly<Record<string, Promise<Blob>>> }[]) => {
        asked.push('item');
        if (!takesItems) return refuse();
        written.push((await (await item?.types['text/plain'])?.text()) ?? '');
      },
      writeText: async (text: string) => {
        asked.push('text');
        return takesText ? void written.push(text) : refuse();
      },
    },
  });
  return { written, asked };
}

afterEach(() => vi.unstubAllGlobals());

describe('copying', () => {
  it('asks the clipboard at once, for a text that is made later', async () => {
    const { written, asked } = clipboardOf();
    let make: (text: string) => void = () => undefined;
    const copied = copyWhenMade(new Promise((resolve) => (make = resolve)));
    expect([asked, written]).toEqual([['item'], []]);
    make('a link');
    expect([await copied, written]).toEqual([true, ['a link']]);
  });

  it('writes the text where items are refused', async () => {
    const { written, asked } = clipboardOf({ takesItems: false });
    expect(await copyWhenMade(Promise.resolve('a link'))).toBe(true);
    expect([asked, written]).toEqual([['item', 'text'], ['a link']]);
  });

  it('says so where nothing is to be had: refused, without a clipboard, or no text to copy', async () => {
    clipboardOf({ takesItems: false, takesText: false });
    expect(await copyWhenMade(Promise.resolve('a link'))).toBe(false);
    expect(await copyWhenMade(Promise.reject(new Error('too long')))).toBe(false);
    vi.stubGlobal('navigator', {});
    expect(await copyWhenMade(Promise.resolve('a link'))).toBe(false);
  });
});
