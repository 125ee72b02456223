import { DimeeError } from '../core/errors';
import { compare } from '../core/lab/comparison';
import { csvOf, jsonOf, markdownOf } from '../core/lab/comparison-table';
import { CONTENDERS } from '../core/lab/contenders';
import type { Manifest } from '../core/model/manifest';
import { runCommand } from '../edge-server/command-line';
import { ModelFolder } from '../edge-server/model-folder';
import { type CompareOptions, HELP, readCompareOptions } from './compare-options';

async function main(): Promise<void> {
  const options = readCompareOptions(process.argv.slice(2));
  const model = await ModelFolder.open(options.model);
  const { manifest } = model;
  checkPlan(options, manifest);
  const tasks = options.task === undefined ? Object.keys(manifest.tasks) : [options.task];
  const policies = CONTENDERS.filter(({ id }) => options.policy === undefined || id === options.policy);
  const comparison = await compare({ ...options, manifest, tasks, policies, read: (file) => model.read(file) });
  const write = { markdown: markdownOf, json: jsonOf, csv: csvOf }[options.format];
  process.stdout.write(write(comparison, options, manifest));
}

function checkPlan({ plan: { edgeLayers } }: CompareOptions, { layers }: Manifest): void {
  if (edgeLayers <= layers) return;
  throw new DimeeError(
    'BAD_INPUT',
    `--edge-layers must be at most ${layers}, the layers of this model; not ${edgeLayers}.`,
  );
}

runCommand(process.argv, HELP, main);
