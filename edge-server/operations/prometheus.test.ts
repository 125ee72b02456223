import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeRequest } from '../../core/testing/fake-ladder';
import { fakeModelWithPolicyFiles } from '../../core/testing/fake-policy-files';
import { type FakeServer, startFakeServer } from '../testing/fake-server';
import { isInstalled, type Program, startProgram } from '../testing/programs';
import { TestClient } from '../testing/test-client';

/* A Prometheus of Debian reads the server, and answers what the dashboard asks it. */

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [time: number, value: string] }[] };
}

const isThere = isInstalled('prometheus', '--version');
const { panels } = JSON.parse(await readFile('deploy/grafana-dashboard.json', 'utf8')) as Dashboard;
/** As Grafana writes them out for all edges over a short while. */
const queries = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '30s').replaceAll('$instance', '.*')] as const),
);

test.skipIf(!isThere)('the rules for Prometheus are valid', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', 'deploy/prometheus.yml'], {
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).toContain('SUCCESS');
  expect(status).toBe(0);
});

describe.skipIf(!isThere)(`Prometheus, which is installed: ${isThere}`, () => {
  let server: FakeServer;
  let prometheus: Program;
  let client: TestClient;
  let asking: ReturnType<typeof setInterval>;

  beforeAll(async () => {
    const { policyFiles } = fakeModelWithPolicyFiles();
    server = await startFakeServer(['--metrics', '0', '--shadow-share', '1'], undefined, { policyFiles });
    const text = await readFile('deploy/prometheus.yml', 'utf8');
    const configuration = text
      .replace('127.0.0.1:9464', `127.0.0.1:${server.metricsPort}`)
      .replaceAll(': 5s', ': 250ms')
      .replace('rule_files: [alerts.yml]', '');
    prometheus = await startProgram(
      () => ({ 'prometheus.yml': configuration }),
      (port, folder) => [
        'prometheus',
        ...[`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, '--log.level=error'],
        `--web.listen-address=127.0.0.1:${port}`,
      ],
    );
    client = await TestClient.greeted(server.url, server.manifest.hash);
    let requestId = 0;
    // Rates need samples that come while it looks; some fail, since the dashboard asks for failures.
    asking = setInterval(() => {
      const policy = { id: ++requestId % 2 ? 'all-edge' : 'all-cloud', parameters: {} };
      const task = requestId % 5 ? 'sst2' : 'no-such-task';
      client.send({ type: 'infer', requestId, ...fakeRequest({ policy, task }) });
    }, 20);
  });

  afterAll(async () => {
    clearInterval(asking);
    client.close();
    await prometheus.close();
    await server.close();
  });

  async function valuesOf(query: string): Promise<readonly number[]> {
    const url = `http://127.0.0.1:${prometheus.port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const { data } = (await (await fetch(url)).json()) as Answer;
    return data.result.map(({ value }) => Number(value[1]));
  }

  test('reads the server', async () => {
    await expect.poll(() => valuesOf('up{job="dimee"}'), { timeout: 15_000 }).toEqual([1]);
    await expect
      .poll(() => valuesOf('sum(rate(dimee_exits_total{task="sst2"}[30s]))'), { timeout: 15_000 })
      .toEqual([expect.toSatisfy((rate: number) => rate > 1)]);
  });

  test.each(queries)('%s: %s is answered with numbers', async (_title, query) => {
    await expect
      .poll(() => valuesOf(query), { timeout: 15_000 })
      .toSatisfy((values: readonly number[]) => values.length > 0 && values.every(Number.isFinite));
  });
});
