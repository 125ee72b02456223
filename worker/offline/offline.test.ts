import { describe, expect, test } from 'vitest';
import { isolated } from './isolated';
import { PageAddresses } from './page-addresses';

describe('the addresses of a page below a prefix', () => {
  const addresses = new PageAddresses('https://host/play/');
  const at = (path: string) => new URL(path, 'https://host');

  test.each([
    ['/play/', true],
    ['/play/index.html', true],
    ['/play/?edge=none', true],
    ['/play/?embed', false],
    ['/play/s/abc', false],
    ['/play/api/links', false],
    ['/', false],
    ['/play/other/', false],
    ['https://elsewhere/play/', false],
  ])('%s is the page: %s', (path, isPage) => {
    expect(addresses.isPage(at(path))).toBe(isPage);
  });

  test('its files and manifests are those below it', () => {
    expect(['/play/assets/main.js', '/assets/main.js'].map((path) => addresses.isOurs(at(path)))).toEqual([
      true,
      false,
    ]);
    const manifests = ['/play/models/a/manifest.json', '/play/models/a/b/manifest.json', '/models/a/manifest.json'];
    expect(manifests.map((path) => addresses.isManifest(at(path)))).toEqual([true, false, false]);
  });
});

describe('a response is isolated', () => {
  test('where the host does not do so, and is the same otherwise', async () => {
    const response = isolated(new Response('page', { status: 203, headers: { 'Content-Type': 'text/html' } }));
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/html',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    expect([response.status, await response.text()]).toEqual([203, 'page']);
  });

  test('by the host, and left as it is then', () => {
    const headers = { 'Cross-Origin-Opener-Policy': 'unsafe-none', 'Cross-Origin-Embedder-Policy': 'credentialless' };
    const response = new Response('page', { headers });
    expect(isolated(response)).toBe(response);
  });

  test('not where it may not be looked into', () => {
    const error = Response.error();
    expect(isolated(error)).toBe(error);
  });
});
