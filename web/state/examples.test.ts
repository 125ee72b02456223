import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DEFAULT_MODEL } from '../../core/model/default-model';
import { parseManifest } from '../../core/model/manifest';
import { parseSentences } from '../../core/samples';
import { exampleText } from './examples';

const manifestFile = new URL(`../../public/models/${DEFAULT_MODEL}/manifest.json`, import.meta.url);
const manifest = parseManifest(JSON.parse(await readFile(manifestFile, 'utf8')));

describe('example sentences', () => {
  it.each(Object.entries(manifest.tasks))('fit the task %s', (id, task) => {
    expect(parseSentences(exampleText(id, 1), task.pair)).toHaveLength(8);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(exampleText('sst2', 5)).toBe(exampleText('sst2', 5));
    expect(exampleText('sst2', 5)).not.toBe(exampleText('sst2', 6));
  });
});
