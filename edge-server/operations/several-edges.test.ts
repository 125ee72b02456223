import { readFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { InferRequest } from '../../core/ladder/tier';
import { defaultVariantOf } from '../../core/model/manifest';
import { TIER_PATH } from '../../core/protocol/socket';
import { ModelFolder } from '../model-folder';
import { CountingClient } from '../testing/counting-client';
import { isInstalled, type Program, startProgram } from '../testing/programs';
import { ServerProcess } from '../testing/server-process';

/* Edges behind a balancer of Debian, with the files that operators are given. */

const MODEL = 'core/testing/models/tiny-topics';
const { manifest } = await ModelFolder.open(MODEL);
const variant = defaultVariantOf(manifest, 'wasm');
const SAMPLES = 400;

/** A file of `deploy/` with the ports of this test in place of its own. */
async function deployed(file: string, edges: readonly ServerProcess[], port: number): Promise<string> {
  const text = await readFile(`deploy/${file}`, 'utf8');
  const [first, second] = edges.map((edge) => `127.0.0.1:${edge.port}`);
  return text
    .replaceAll('127.0.0.1:8787', String(first))
    .replaceAll('127.0.0.1:8797', String(second))
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`);
}

async function startNginx(edges: readonly ServerProcess[]): Promise<Program> {
  const site = await deployed('nginx.conf', edges, 0);
  const kept = (folder: string) =>
    ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join(' ');
  const whole = (port: number, folder: string) =>
    `daemon off; pid ${folder}/pid; error_log stderr crit; events {} ${process.getuid?.() === 0 ? 'user root;' : ''}
     http { access_log off; ${kept(folder)} ${site.replace('127.0.0.1:0', `127.0.0.1:${port}`)} }`;
  return startProgram(
    (port, folder) => ({ 'nginx.conf': whole(port, folder) }),
    (_port, folder) => ['nginx', '-c', `${folder}/nginx.conf`],
  );
}

async function startHaproxy(edges: readonly ServerProcess[]): Promise<Program> {
  const text = await deployed('haproxy.cfg', edges, 0);
  return startProgram(
    (port) => ({ 'haproxy.cfg': text.replace('127.0.0.1:0', `127.0.0.1:${port}`) }),
    () => ['haproxy', '-f', 'haproxy.cfg'],
  );
}

const requestOf = (sample: number): InferRequest => ({
  sampleKey: `sample-${sample}`,
  task: 'topic',
  policy: { id: 'all-cloud', parameters: {} },
  plan: { mobileLayers: 1, edgeLayers: 2 },
  priorLogits: [],
  input: { kind: 'text', texts: [`the ${WORDS[sample % WORDS.length]} ${WORDS[(sample * 7) % WORDS.length]}`] },
  payloadDtype: 'float32',
  deadlineMs: 30_000,
});

const WORDS = ['match', 'storm', 'bank', 'keeper', 'snow', 'price', 'runner', 'rain'];

const clientOf = (url: string) => new CountingClient([url], { modelHash: manifest.hash, variant, patienceMs: 10_000 });

describe.each([
  ['nginx', isInstalled('nginx', '-v'), startNginx],
  ['haproxy', isInstalled('haproxy', '-v'), startHaproxy],
] as const)('edges behind %s, which is installed: %s', (_name, isThere, start) => {
  test.skipIf(!isThere)(
    'one is killed and comes back, the other ends in order: every sample is answered, once and as by one edge',
    { timeout: 60_000 },
    async () => {
      // This model's ramps are so small that one row's product has other last bits than that of several.
      const flags = ['--model', MODEL, '--trusted-proxies', '127.0.0.1', '--batch-tokens', '1'];
      const [first, second] = await Promise.all([ServerProcess.start(flags), ServerProcess.start(flags)]);
      const running = new Set([first, second]);
      onTestFinished(async () => void (await Promise.all([...running].map((edge) => edge.stop('SIGKILL')))));
      const balancer = await start([first, second]);
      onTestFinished(() => balancer.close());

      const direct = clientOf(first.url);
      const expected = await Promise.all(
        Array.from({ length: WORDS.length }, (_, index) =>
          direct.tier.infer(requestOf(index), new AbortController().signal),
        ),
      );
      direct.tier.close();

      const clients = Array.from({ length: 8 }, () => clientOf(`ws://127.0.0.1:${balancer.port}${TIER_PATH}`));
      onTestFinished(() => clients.forEach(({ tier }) => tier.close()));
      let answered = 0;
      const climb = async (sample: number) => {
        const client = clients[sample % clients.length];
        const result = await client?.tier.infer(requestOf(sample), new AbortController().signal);
        answered++;
        return result;
      };
      const run = async (from: number) =>
        Promise.all(Array.from({ length: SAMPLES / 2 }, (_, index) => climb(from + index)));
      const half = run(0);
      await expect.poll(() => answered, { interval: 1 }).toBeGreaterThan(20);
      await first.stop('SIGKILL');
      running.delete(first);
      const results = await half;
      const third = await first.startAgain();
      running.add(third);

      answered = 0;
      const rest = run(SAMPLES / 2);
      await expect.poll(() => answered, { interval: 1 }).toBeGreaterThan(20);
      expect(await second.stop('SIGTERM')).toBe(0);
      running.delete(second);
      results.push(...(await rest));

      const logitsOf = (result: (typeof results)[number]) => result?.steps.map(({ logits }) => logits);
      results.forEach((result, sample) => {
        expect(logitsOf(result)).toEqual(logitsOf(expected[sample % WORDS.length]));
      });
      const sum = (of: 'answered' | 'doubled') => clients.reduce((total, client) => total + client[of], 0);
      expect([sum('answered'), sum('doubled')]).toEqual([SAMPLES, 0]);
    },
  );
});
