import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, DimeeError } from '../../core/errors';
import { Expected } from '../command-line';
import { isAskedByOwnName, type NameRules, NOT_OURS } from '../names';
import { type Answer, sendText } from '../static-files';
import type { Metrics } from './metrics';

/** Where metrics are read: nowhere, beside the page, or at a port of their own. */
export type MetricsPlace =
  | { readonly kind: 'off' }
  | { readonly kind: 'here' }
  | { readonly kind: 'own'; readonly host: string; readonly port: number };

export const METRICS_PATH = '/metrics';

/** @throws Expected for what is none. */
export function readMetricsPlace(text = 'off'): MetricsPlace {
  if (text === 'off' || text === 'here') return { kind: text };
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) throw new Expected('off, here, a port, or HOST:PORT');
  return { kind: 'own', host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** What answers beside the page, where metrics are to be read there. */
export function metricsBeside(
  metrics: Metrics | undefined,
  { kind }: MetricsPlace,
): (path: string) => Answer | undefined {
  const answer = metrics && kind === 'here' ? answerWith(metrics) : undefined;
  return (path) => (path === METRICS_PATH ? answer : undefined);
}

/**
 * A server for metrics alone, where they have a port of their own.
 * @throws DimeeError `BAD_CONFIGURATION` where it cannot listen there.
 */
export async function metricsApart(metrics: Metrics | undefined, place: MetricsPlace, rules: Omit<NameRules, 'host'>) {
  if (!metrics || place.kind !== 'own') return undefined;
  const { host, port } = place;
  const answer = answerWith(metrics);
  const server = createServer((request, response) => {
    if (!isAskedByOwnName(request, { ...rules, host })) sendText(response, 421, `${NOT_OURS}\n`);
    else if (request.url === METRICS_PATH) answer(request, response);
    else sendText(response, 404, `Metrics are at ${METRICS_PATH}.\n`);
  });
  await once(server.listen(port, host), 'listening').catch((cause: unknown) => {
    const problem = `Cannot listen on ${host}:${port} for metrics (${messageOf(cause)}). Choose another with --metrics.`;
    throw new DimeeError('BAD_CONFIGURATION', problem, { cause });
  });
  return { port: (server.address() as AddressInfo).port, close: () => end(server) };
}

function answerWith(metrics: Metrics): Answer {
  return (_request, response) => {
    metrics.text().then(
      (text) => response.setHeader('Content-Type', metrics.contentType).end(text),
      (error: unknown) => sendText(response, 500, `${messageOf(error)}\n`),
    );
  };
}

function end(server: Server): void {
  server.close();
  server.closeAllConnections();
}
