import { runCommand } from '../../edge-server/command-line';
import { findCapacity } from './capacity';
import { HELP, readLoadOptions } from './load-options';
import { inWords, type LoadReport, reportOn } from './load-report';
import { planLoad } from './prepare';
import { runLoad } from './run-load';

async function main(): Promise<void> {
  const options = readLoadOptions(process.argv.slice(2), process.env);
  const plan = await planLoad(options);
  const probe = async (rate: number): Promise<LoadReport> => reportOn(await runLoad({ ...plan, rate }));
  if (!options.findCapacity) {
    const report = await probe(options.rate);
    console.log(options.json ? JSON.stringify(report, null, 2) : inWords(report));
    return;
  }
  const capacity = await findCapacity(options.rate, async (rate) => {
    const report = await probe(rate);
    process.stderr.write(`${rate.toFixed(1)} a second: ${report.goodputPerS.toFixed(1)} in time\n`);
    return report;
  });
  if (options.json) console.log(JSON.stringify(capacity, null, 2));
  else console.log(`capacity     ${capacity.ratePerS.toFixed(1)} a second\n${capacity.at ? inWords(capacity.at) : ''}`);
}

runCommand(process.argv, HELP, main);
