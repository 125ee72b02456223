import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../core/model/manifest';
import { parseSentences } from '../../core/own-data/samples';
import { exampleText } from './examples';

const manifests = import.meta.glob('../../public/models/*/manifest.json', { eager: true, import: 'default' });
const tasks = Object.values(manifests).flatMap((manifest) => Object.entries(parseManifest(manifest).tasks));

describe('example sentences', () => {
  it('are there for seven tasks at least', () => {
    expect(tasks.length).toBeGreaterThanOrEqual(7);
  });

  it.each(tasks)('fit the task %s', (id, task) => {
    expect(parseSentences(exampleText(id, 1), task.pair)).toHaveLength(8);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(exampleText('sst2', 5)).toBe(exampleText('sst2', 5));
    expect(exampleText('sst2', 5)).not.toBe(exampleText('sst2', 6));
  });
});
