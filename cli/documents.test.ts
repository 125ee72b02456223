import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');
const DOCUMENTS = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/experiments.md', 'training/README.md'],
  ...['core/policies/ADDING.md', 'core/protocol/PROTOCOL.md'],
];

describe('what the documents name', () => {
  test.each(DOCUMENTS)('%s links to files that are there', async (path) => {
    const links = [...(await read(path)).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link);
    const missing = links.filter((link) => !existsSync(join(root, dirname(path), link)));
    expect(missing).toEqual([]);
  });

  test('ARCHITECTURE.md names files that are there', async () => {
    const names = [...(await read('ARCHITECTURE.md')).matchAll(/`([\w./-]+\/[\w./-]+\.\w+)`/g)].map(
      ([, name = '']) => name,
    );
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });

  test('the walks take three hops at most, each to a file with the name to look for', async () => {
    const text = (await read('ARCHITECTURE.md')).split('## Seven walks')[1]?.split('\n## ')[0] ?? '';
    const walks = text.split('\n').filter((line) => line.startsWith('- **'));
    expect(walks).toHaveLength(7);
    for (const walk of walks) {
      const hops = walk.split('→');
      expect(hops.length, walk).toBeLessThanOrEqual(3);
      for (const [, file = '', name] of walk.matchAll(/`([\w./-]+)`(?: \(`(\w+)`\))?/g)) {
        expect(await read(file), `${name} in ${file}`).toContain(name ?? '');
      }
    }
  });
});
