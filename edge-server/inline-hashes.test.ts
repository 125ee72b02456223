import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashesIn, inlineHashesOf, NOTHING_INLINE } from './inline-hashes';

/** `printf 'let x' | openssl dgst -sha256 -binary | base64`, and of `p{}`. */
const LET_X = "'sha256-dXKOHtfmzrnYeAHYBCbUmBpIqmNFRVEF6ulA+ucuqt0='";
const P = "'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='";

test('names what stands between the tags, and nothing that is fetched', () => {
  const page = '<script src="./a.js"></script><script>let x</script>\n<style>p{}</style><link rel="stylesheet">';
  expect(hashesIn(page)).toEqual({ scripts: [LET_X], styles: [P] });
});

test('follows a page that is built anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dimee-page-'));
  const path = join(folder, 'index.html');
  const hashes = inlineHashesOf(path);
  expect(hashes()).toBe(NOTHING_INLINE);
  writeFileSync(path, '<script>let x</script>');
  expect(hashes().scripts).toEqual([LET_X]);
  writeFileSync(path, '<style>p{}</style>');
  utimesSync(path, 1e9, 1e9);
  expect(hashes()).toEqual({ scripts: [], styles: [P] });
  rmSync(folder, { recursive: true });
});
