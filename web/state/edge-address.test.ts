import { describe, expect, test } from 'vitest';
import { addressWithEdges, edgesOfPage } from './edge-address';

/** Of a page whose address names one edge at most. */
const named = (asked: string | null, built?: string, baseUrl = 'https://play.example/demo/') => {
  const { urls, notice } = edgesOfPage({ baseUrl, asked: asked === null ? [] : [asked], built });
  expect(urls.length).toBeLessThan(2);
  return { url: urls[0], ...(notice !== undefined && { notice }) };
};

describe('the edge of a page', () => {
  test.each([
    ['http://localhost:8787/', 'ws://localhost:8787/v1/tier'],
    ['https://play.example/', 'wss://play.example/v1/tier'],
    ['https://play.example/demo/', 'wss://play.example/demo/v1/tier'],
    ['https://play.example/demo/index.html?threads=2#v=1', 'wss://play.example/demo/v1/tier'],
  ])('of %s is beside it', (baseUrl, url) => {
    expect(named(null, undefined, baseUrl)).toEqual({ url });
  });

  test('is the one that the build names', () => {
    expect(named(null, 'wss://edge.example/v1/tier')).toEqual({ url: 'wss://edge.example/v1/tier' });
  });

  test.each([
    [null, ''],
    [null, 'none'],
    ['none', undefined],
    ['none', 'wss://edge.example'],
    ['', 'wss://edge.example'],
  ])('is none where the address says %j and the build %j', (asked, built) => {
    expect(named(asked, built)).toEqual({ url: undefined });
  });

  test('that the address names goes before that of the build, and is said', () => {
    const { url, notice } = named('wss://other.example', 'wss://edge.example');
    expect(url).toBe('wss://other.example/v1/tier');
    expect(notice).toContain('wss://other.example/v1/tier: what leaves this device goes there');
  });

  test('that the address names and that is the page’s own is no news', () => {
    expect(named('wss://play.example/demo/v1/tier')).toEqual({ url: 'wss://play.example/demo/v1/tier' });
  });

  test.each([
    ['https://edge.example', undefined, 'wss://play.example/demo/v1/tier', 'asks its own edge instead'],
    ['javascript:alert(1)', 'wss://edge.example', 'wss://edge.example/v1/tier', 'asks its own edge instead'],
    ['edge.example', '', undefined, 'goes on without an edge'],
    [null, 'edge.example', 'wss://play.example/demo/v1/tier', 'asks its own edge instead'],
  ])('is never what is no address: %j, built %j', (asked, built, url, instead) => {
    const edge = named(asked, built);
    expect(edge.url).toBe(url);
    expect(edge.notice).toContain(`must be an address like wss://edge.example or ws://localhost:8787, or none`);
    expect(edge.notice).toContain(`not “${asked ?? built}”`);
    expect(edge.notice).toContain(instead);
  });

  test.each([
    ['ws://localhost:8787', true],
    ['ws://127.0.0.1:8787', true],
    ['ws://[::1]:8787', true],
    ['ws://edge.localhost', true],
    ['ws://edge.example', false],
    ['ws://localhost.example', false],
  ])('of a page from https may be %s: %s', (asked, isTaken) => {
    const { url, notice } = named(asked);
    expect(url?.startsWith(asked)).toBe(isTaken);
    expect(notice).toContain(isTaken ? 'goes there' : 'came over https, so its edge must be at wss://');
    expect(named(asked, undefined, 'http://play.example/').url).toBe(`${asked}/v1/tier`);
  });
});

describe('several edges of a page', () => {
  const several = (...asked: readonly string[]) =>
    edgesOfPage({ baseUrl: 'https://play.example/', asked, built: 'wss://built.example' });

  test('are those that its address names, each once, and are said', () => {
    expect(several('wss://one.example', 'wss://two.example/v1/tier', 'wss://one.example/')).toEqual({
      urls: ['wss://one.example/v1/tier', 'wss://two.example/v1/tier'],
      notice:
        'As this page’s address says, its edges are wss://one.example/v1/tier and wss://two.example/v1/tier: what leaves this device goes there.',
    });
  });

  test('are the others where one is no address, and that is said', () => {
    const { urls, notice } = several('one.example', 'wss://two.example');
    expect(urls).toEqual(['wss://two.example/v1/tier']);
    expect(notice).toMatch(/not “one\.example”\. As this page’s address says, its edge is wss:\/\/two/);
  });

  test.each([
    [
      'http://host/play/?debug&edge=none#v=1',
      'ws://a\n\n  wss://b/x?y=1 ',
      '?debug&edge=ws%3A%2F%2Fa&edge=wss%3A%2F%2Fb%2Fx%3Fy%3D1',
    ],
    ['http://host/play/?edge=ws://a&edge=ws://b&threads=3#v=1', ' ', '?threads=3'],
    ['http://host/play/?edge=ws://a#v=1', '', ''],
  ])('of %s become those of %j', (address, lines, query) => {
    expect(addressWithEdges(address, lines)).toBe(`http://host/play/${query}#v=1`);
  });
});
