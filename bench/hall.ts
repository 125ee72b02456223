import { cpus } from 'node:os';
import { ServerProcess } from '../edge-server/testing/server-process';
import type { Benchmark } from './benchmark';
import { freeCores } from './free-cores';
import { readLoadOptions } from './load/load-options';
import { reportOn } from './load/load-report';
import { planLoad } from './load/prepare';
import { runLoad } from './load/run-load';

const PHONES = 300;
const SECONDS = 15;
/** Milliseconds for which a phone waits. What is refused counts as if it had waited for all of them. */
const DEADLINE_MS = 5000;

/**
 * A lecture hall: every phone has a sentence a second, in the lengths of the tasks' recorded rows and leaving where those
 * leave under thresholds of 0.9. What leaves on the phone is not sent.
 */
export const hall: Benchmark = {
  name: 'hall',
  about: `${PHONES} phones with a sentence a second each before one edge`,
  async run() {
    const free = await freeCores();
    const server = await ServerProcess.start([]);
    const options = readLoadOptions([
      ...['--url', server.url, '--connections', `${PHONES}`, '--rate', `${PHONES}`, '--arrivals', 'steady'],
      ...['--seconds', `${SECONDS}`, '--deadline-ms', `${DEADLINE_MS}`, '--lengths', 'glue'],
      ...['--policy', 'confidence,mobileThreshold=0.9,edgeThreshold=0.9', '--exits', 'recorded'],
    ]);
    const report = reportOn(await runLoad(await planLoad(options)));
    await server.stop();
    const refused = report.offered - report.answered;
    return {
      claim: `${PHONES} phones at a sentence a second each are all answered soon`,
      value: refused > 0 ? DEADLINE_MS : (report.p99Ms ?? DEADLINE_MS),
      bound: 500,
      unit: 'ms (99th percentile)',
      details: {
        phones: PHONES,
        refused,
        p50Ms: report.p50Ms ?? 'nobody was answered',
        p99Ms: report.p99Ms ?? 'nobody was answered',
        onPhones: report.onDevice,
        offered: report.offered,
        goodputPerS: report.goodputPerS,
        senderLateMs: report.senderLateMs,
        cores: cpus().length,
        freeCores: Number(free.toFixed(2)),
      },
    };
  },
};
