// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { addressOf, embedCode, lengthIfLong } from './addresses';

beforeEach(() => history.replaceState(null, '', '/play/?debug&threads=2#v=1&m=3'));

describe('addresses', () => {
  it('keep the page’s path, and nothing that this visit alone asked for', () => {
    expect(new URL(addressOf('#v=1&m=5')).pathname).toBe('/play/');
    expect(addressOf('#v=1&m=5')).toMatch(/\/play\/#v=1&m=5$/);
  });

  it('keep the edge that the address names', () => {
    history.replaceState(null, '', '/play/?debug&edge=wss://edge.example/v1/tier#v=1');
    expect(new URL(addressOf('#v=1')).searchParams.get('edge')).toBe('wss://edge.example/v1/tier');
    expect(addressOf('#v=1', true)).toMatch(/\/play\/\?embed&edge=wss/);
  });

  it('keep all edges that the address names, in their order', () => {
    history.replaceState(null, '', '/play/?edge=wss://one.example&edge=wss://two.example&threads=2#v=1');
    for (const isEmbed of [false, true]) {
      const { searchParams } = new URL(addressOf('#v=1', isEmbed));
      expect(searchParams.getAll('edge')).toEqual(['wss://one.example', 'wss://two.example']);
      expect(searchParams.has('threads')).toBe(false);
    }
  });

  it('stand in an embed code whole, whatever the title', () => {
    const frame = document.createElement('div');
    frame.innerHTML = embedCode('#v=1&m=5&curves=', 'Is “a < b" ? & so on');
    const { src, title } = frame.querySelector('iframe') as HTMLIFrameElement;
    expect(src).toMatch(/\/play\/\?embed#v=1&m=5&curves=$/);
    expect(title).toBe('Is “a < b" ? & so on');
  });

  it('above 2,000 characters are told from others', () => {
    expect(lengthIfLong('x'.repeat(2000))).toBeUndefined();
    expect(lengthIfLong('x'.repeat(2001))).toEqual({ length: '2,001', most: '2,000' });
  });
});
