import type { Manifest, ModelFile } from '../../core/model/manifest';
import { parseManifest } from '../../core/model/manifest';
import { fakeManifestJson } from '../../core/testing/fake-manifest';
import { settlingTrace } from '../../core/testing/settling-trace';
import { encodeTrace } from '../../core/trace/trace-writer';

/** The fake model with dev splits: four rows each. */
export function fakeModelWithDevSplits(): Manifest {
  const json = fakeManifestJson();
  const dev = (task: string) => ({ dev: { path: `${task}.dev.bin`, bytes: 1, sha256: '0'.repeat(64) } });
  const { sst2, mnli } = json.tasks;
  const tasks = { sst2: { ...sst2, traces: dev('sst2') }, mnli: { ...mnli, traces: dev('mnli') } };
  return parseManifest({ ...json, tasks });
}

/** The files that it names. */
export function readFake({ path }: Pick<ModelFile, 'path'>): Uint8Array<ArrayBuffer> {
  const [task = ''] = path.split('.');
  return encodeTrace(task === 'sst2' ? settlingTrace(task, 2, [1, 1, 3, 6]) : settlingTrace(task, 3, [1, 1, 1, 1]));
}
