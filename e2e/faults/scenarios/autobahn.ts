import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AcceptorOptions, SocketAcceptor } from '../../../edge-server/web-socket';
import { type Scenario, unless } from '../scenario';

/** Autobahn|Testsuite's program; it needs Python 2.7. */
const WSTEST = process.env.DIMEE_WSTEST ?? 'wstest';
/** Cases about messages of up to 16 MiB, in up to 65,536 frames. */
const ABOUT_SIZE = /^9\./;
/** Compression is not offered. */
const LEFT_OUT = ['12.*', '13.*'];
const RAISED = { maxPayload: 2 ** 26, maxFragments: 2 ** 20, maxBufferedChunks: 2 ** 20 };

export const autobahn: Scenario = {
  name: 'autobahn',
  about: 'the fuzzing client of Autobahn against an echo over our sockets, and with their limits raised',
  async play() {
    if (spawnSync(WSTEST, ['--help'], { stdio: 'ignore' }).status !== 0) {
      const skipped =
        'wstest is not installed. Have it from “pip install autobahntestsuite” of a Python 2.7, and name it in DIMEE_WSTEST';
      return { figures: {}, faults: [], skipped };
    }
    const [usual, raised] = [await failedCases(), await failedCases(RAISED)];
    const beyondSize = usual.failed.filter((id) => !ABOUT_SIZE.test(id));
    const figures = { cases: usual.cases, failed: usual.failed.length, failedWithLimitsRaised: raised.failed.length };
    const faults = [
      ...unless(usual.cases > 200, `only ${usual.cases} cases were played`),
      ...unless(beyondSize.length === 0, `cases fail that are not about size: ${beyondSize.join(', ')}`),
      ...unless(raised.failed.length === 0, `with limits raised these fail: ${raised.failed.join(', ')}`),
    ];
    return { figures, faults };
  },
};

/** How an agent did in each case. */
type Verdicts = Readonly<Record<string, { readonly behavior: string; readonly behaviorClose: string }>>;

async function failedCases(options?: AcceptorOptions) {
  const acceptor: SocketAcceptor = new SocketAcceptor((socket) => {
    // Binary messages go back as such, which none of ours do.
    const echo = (data: string | Uint8Array) => socket.send(data as string);
    return { receive: echo, closed: () => undefined };
  }, options);
  const server = createServer().on('upgrade', (...upgrade) => acceptor.upgrade(...upgrade));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'dimee-autobahn-'));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plan = { outdir: folder, servers: [{ agent: 'dimee', url }], cases: ['*'], 'exclude-cases': LEFT_OUT };
  await writeFile(join(folder, 'plan.json'), JSON.stringify({ ...plan, 'exclude-agent-cases': {} }));
  try {
    const args = ['--mode', 'fuzzingclient', '--spec', join(folder, 'plan.json')];
    await once(spawn(WSTEST, args, { stdio: 'ignore', cwd: folder }), 'exit');
    const { dimee = {} } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Record<string, Verdicts>;
    const failed = Object.entries(dimee).filter(([, { behavior, behaviorClose }]) =>
      [behavior, behaviorClose].includes('FAILED'),
    );
    return { cases: Object.keys(dimee).length, failed: failed.map(([id]) => id) };
  } finally {
    server.close();
    await acceptor.close(1001, 'done');
    await rm(folder, { recursive: true });
  }
}
