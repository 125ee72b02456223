import { ServerProcess } from '../../edge-server/testing/server-process';
import { openSocket } from '../../edge-server/web-socket';
import { shippedManifest } from '../dev-split';
import { LoadClient } from '../load/load-client';
import type { LoadSample } from '../load/samples';

const DEADLINE_MS = 60_000;
export const PATIENT = ['--max-wait-ms', '60000'];

/** An edge in a process of its own, and clients that each send the next sample when one is answered. */
export class EdgeUnderLoad {
  private constructor(
    private readonly server: ServerProcess,
    private readonly modelHash: string,
    private readonly variant: string,
  ) {}

  /** @param flags by default those of an edge that refuses nobody for the time that it takes. */
  static async start(variant: string, flags: readonly string[] = PATIENT): Promise<EdgeUnderLoad> {
    const server = await ServerProcess.start(['--metrics', 'here', ...flags]);
    return new EdgeUnderLoad(server, (await shippedManifest()).hash, variant);
  }

  client(): Promise<LoadClient> {
    const { modelHash, variant } = this;
    return LoadClient.open(this.server.url, { modelHash, variant, client: 'bench' }, openSocket);
  }

  get url(): string {
    return this.server.url;
  }

  /** Milliseconds of processor time that the server has used so far, of all its threads. */
  async cpuMs(): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.server.port}/metrics`)).text();
    return 1000 * Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1]);
  }

  /**
   * Every client keeps `inFlight` samples on their way until all together have sent `count`.
   * @throws Error where one is not answered.
   */
  async run(samples: readonly LoadSample[], count: number, clients: number, inFlight = 1): Promise<Measured> {
    const all = await Promise.all(Array.from({ length: clients }, () => this.client()));
    const [startedAt, cpuBefore] = [performance.now(), await this.cpuMs()];
    let next = 0;
    const one = async (client: LoadClient) => {
      while (next < count) await answered(client, samples[next++ % samples.length]);
    };
    await Promise.all(all.flatMap((client) => Array.from({ length: inFlight }, () => one(client))));
    const wallMs = performance.now() - startedAt;
    const cpuMs = (await this.cpuMs()) - cpuBefore;
    for (const client of all) client.close();
    return { perSecond: (1000 * count) / wallMs, cpuMsEach: cpuMs / count };
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

export interface Measured {
  readonly perSecond: number;
  /** Of the server, a sample. */
  readonly cpuMsEach: number;
}

/** Milliseconds from sending a sample to its answer. @throws Error where it is refused or fails. */
export async function answered(client: LoadClient, sample: LoadSample | undefined): Promise<number> {
  if (!sample) throw new Error('There is no sample to send.');
  const startedAt = performance.now();
  const { error } = await client.ask(sample, startedAt + DEADLINE_MS);
  if (error !== undefined) throw new Error(`A sample was not answered: ${error}.`);
  return performance.now() - startedAt;
}
