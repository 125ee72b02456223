import { runCommand } from '../edge-server/command-line';
import { ModelFolder } from '../edge-server/model-folder';
import { HELP, readCompareOptions } from './compare-options';
import { compare } from './comparison';
import { csvOf, jsonOf, markdownOf } from './comparison-table';
import { CONTENDERS } from './policy-trial';

async function main(): Promise<void> {
  const options = readCompareOptions(process.argv.slice(2));
  const model = await ModelFolder.open(options.model);
  const { manifest } = model;
  const tasks = options.task === undefined ? Object.keys(manifest.tasks) : [options.task];
  const policies = CONTENDERS.filter(({ id }) => options.policy === undefined || id === options.policy);
  const comparison = await compare({ ...options, manifest, tasks, policies, read: (file) => model.read(file) });
  const write = { markdown: markdownOf, json: jsonOf, csv: csvOf }[options.format];
  process.stdout.write(write(comparison, options, manifest));
}

runCommand(process.argv, HELP, main);
