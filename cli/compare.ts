import { compare } from '../core/lab/comparison';
import { csvOf, jsonOf, markdownOf } from '../core/lab/comparison-table';
import { CONTENDERS } from '../core/lab/contenders';
import { runCommand } from '../edge-server/command-line';
import { ModelFolder } from '../edge-server/model-folder';
import type { ModelFile } from '../core/model/manifest';
import { changingCsv, changingJson, changingMarkdown, changingOf, learnersNamed } from './changing';
import { HELP, readCompareOptions } from './compare-options';
import { planFor } from './plan-options';
import { sensitivityCsv, sensitivityJson, sensitivityMarkdown, sensitivityOf } from './sensitivity';

async function main(): Promise<void> {
  const options = readCompareOptions(process.argv.slice(2));
  const model = await ModelFolder.open(options.model);
  const { manifest } = model;
  const settings = { ...options, plan: planFor(options.plan, manifest) };
  const tasks = options.task === undefined ? Object.keys(manifest.tasks) : [options.task];
  if (options.sensitivity) {
    const write = { markdown: sensitivityMarkdown, json: sensitivityJson, csv: sensitivityCsv }[options.format];
    const given = { ...settings, manifest, read: (file: ModelFile) => model.read(file) };
    process.stdout.write(write(await sensitivityOf(tasks, given)));
    return;
  }
  if (options.changing) {
    const write = { markdown: changingMarkdown, json: changingJson, csv: changingCsv }[options.format];
    const given = { ...settings, manifest, read: (file: ModelFile) => model.read(file) };
    process.stdout.write(write(await changingOf(tasks, { ...given, policies: learnersNamed(options.policy) })));
    return;
  }
  const policies = CONTENDERS.filter(({ id }) => options.policy === undefined || id === options.policy);
  const comparison = await compare({ ...settings, manifest, tasks, policies, read: (file) => model.read(file) });
  const write = { markdown: markdownOf, json: jsonOf, csv: csvOf }[options.format];
  process.stdout.write(write(comparison, settings, manifest));
}

runCommand(process.argv, HELP, main);
