import { quantile } from 'd3-array';
import type { Asked, LoadRun } from './run-load';

/** What a load came to. Milliseconds count from when a sample was due. */
export interface LoadReport {
  readonly connections: number;
  /** Connections that the server let in. */
  readonly opened: number;
  /** Samples that their devices had decided, and did not send. */
  readonly onDevice: number;
  /** Samples that were to be sent, and those of them answered; answered within the deadline; a second. */
  readonly offered: number;
  readonly answered: number;
  readonly offeredPerS: number;
  readonly throughputPerS: number;
  readonly goodputPerS: number;
  /** Of what was answered; null where nothing was. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Jain's index of the shares of each client's samples that were answered in time: 1 where all fare alike. */
  readonly fairness: number;
  /** Samples without an answer, by reason. */
  readonly errors: Readonly<Record<string, number>>;
  readonly exits: {
    readonly layers: Readonly<Record<string, number>>;
    readonly tiers: Readonly<Record<string, number>>;
  };
  /** How late this program sent, 99th percentile: where it is much, it is what was measured. */
  readonly senderLateMs: number;
}

export function reportOn({ plan, opened, onDevice, asked }: LoadRun): LoadReport {
  const answered = asked.filter(({ outcome }) => outcome.error === undefined);
  const latencies = answered.map(({ latencyMs }) => latencyMs);
  const perSecond = (count: number) => count / plan.seconds;
  const exits = answered.flatMap(({ outcome }) => (outcome.error === undefined ? [outcome] : []));
  return {
    connections: plan.connections,
    opened,
    onDevice,
    offered: asked.length,
    answered: answered.length,
    offeredPerS: perSecond(asked.length),
    throughputPerS: perSecond(answered.length),
    goodputPerS: perSecond(answered.filter(({ latencyMs }) => latencyMs <= plan.deadlineMs).length),
    p50Ms: quantile(latencies, 0.5) ?? null,
    p95Ms: quantile(latencies, 0.95) ?? null,
    p99Ms: quantile(latencies, 0.99) ?? null,
    fairness: fairnessOf(asked, plan.deadlineMs),
    errors: countBy(asked.flatMap(({ outcome }) => outcome.error ?? [])),
    exits: {
      layers: countBy(exits.map(({ layer }) => String(layer))),
      tiers: countBy(exits.map(({ tier }) => tier)),
    },
    senderLateMs: quantile(asked, 0.99, ({ lateMs }) => lateMs) ?? 0,
  };
}

/** Jain, Chiu and Hawe, DEC-TR-301 (1984): (Σx)² ÷ (n Σx²). Where nobody is answered, all fare alike. */
function fairnessOf(asked: readonly Asked[], deadlineMs: number): number {
  const clients = new Map<number, { due: number; inTime: number }>();
  for (const { client, outcome, latencyMs } of asked) {
    const tally = clients.get(client) ?? { due: 0, inTime: 0 };
    tally.due++;
    if (outcome.error === undefined && latencyMs <= deadlineMs) tally.inTime++;
    clients.set(client, tally);
  }
  const shares = [...clients.values()].map(({ due, inTime }) => inTime / due);
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share ** 2, 0);
  return squares === 0 ? 1 : sum ** 2 / (shares.length * squares);
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

export function inWords(report: LoadReport): string {
  const ms = (value: number | null) => (value === null ? '–' : `${value.toFixed(1)} ms`);
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ') || 'none';
  const { connections, opened, onDevice, offered, answered, offeredPerS, throughputPerS, goodputPerS, exits } = report;
  return [
    `connections  ${opened} of ${connections} let in`,
    `samples      ${answered} of ${offered} answered${onDevice > 0 ? `, ${onDevice} decided on their devices` : ''}`,
    `a second     ${offeredPerS.toFixed(1)} due, ${throughputPerS.toFixed(1)} answered, ${goodputPerS.toFixed(1)} in time`,
    `latency      p50 ${ms(report.p50Ms)}, p95 ${ms(report.p95Ms)}, p99 ${ms(report.p99Ms)}, from when a sample was due`,
    `fairness     ${report.fairness.toFixed(3)} (Jain’s index over connections)`,
    `no answer    ${list(report.errors)}`,
    `exits        layers: ${list(exits.layers)}; tiers: ${list(exits.tiers)}`,
    `sender late  ${ms(report.senderLateMs)} (p99)`,
  ].join('\n');
}
