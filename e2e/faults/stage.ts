import { randomUUID } from 'node:crypto';
import { at } from '../../core/numbers/at';
import { ModelFolder } from '../../edge-server/model-folder';
import { CountingClient } from '../../edge-server/testing/counting-client';
import { ServerProcess } from '../../edge-server/testing/server-process';
import { Line, type LineOptions } from '../testing/line';
import { answerOf, climbsOf, variantFor } from './climbs';
import { type Known, Trial } from './trial';

/** Of a hall, so that nothing is said twice to one. */
const CLIENTS = 8;
/** Samples that differ; more are the same ones again. */
const DIFFERENT = 96;
/** Samples may wait for as long as these scenarios take. */
const DEADLINE_MS = 110_000;
/** With these all samples are at the edge at once, where they are lost with it. */
const ALL_AT_ONCE = ['--max-in-flight', '1000', '--max-queue', '8192', '--max-queue-tokens', '1000000'];
const NO_REFUSALS = [...ALL_AT_ONCE, '--max-wait-ms', '600000'];

/** Real servers, real sockets and clients as pages have them, which all end together. */
export class Stage {
  readonly #servers: ServerProcess[] = [];
  readonly #clients: CountingClient[] = [];
  readonly #lines: Line[] = [];

  private constructor(
    private readonly folder: string,
    readonly model: ModelFolder,
    readonly known: readonly Known[],
    /** How many samples a scenario asks for. */
    readonly samples: number,
    private readonly flags: readonly string[],
  ) {}

  /**
   * Computes what the answers must be with an edge that nothing happens to.
   * @param flags of every server.
   */
  static async open(folder: string, samples: number, flags: readonly string[] = []): Promise<Stage> {
    const model = await ModelFolder.open(folder);
    const climbs = await climbsOf(model, Math.min(DIFFERENT, samples));
    const reference = new Stage(folder, model, [], 0, flags);
    try {
      const { tier } = reference.client((await reference.start()).url);
      const known = climbs.map(async (climb) => {
        const request = { ...climb, sampleKey: randomUUID(), deadlineMs: DEADLINE_MS };
        return { climb, expected: answerOf(await tier.infer(request, new AbortController().signal)) };
      });
      return new Stage(folder, model, await Promise.all(known), samples, flags);
    } finally {
      await reference.clear();
    }
  }

  /** A server in a process of its own, an edge that refuses nothing by default. */
  async start(
    flags: readonly string[] = [],
    nodeFlags: readonly string[] = [],
    logFile?: number,
  ): Promise<ServerProcess> {
    const all = ['--model', this.folder, ...NO_REFUSALS, ...this.flags, ...flags];
    return this.#keep(await ServerProcess.start(all, nodeFlags, logFile));
  }

  async startAgain(server: ServerProcess): Promise<ServerProcess> {
    return this.#keep(await server.startAgain());
  }

  /** An edge and a cloud in processes of their own. */
  async startBoth(): Promise<{ readonly edge: ServerProcess; readonly cloud: ServerProcess }> {
    const cloud = await this.start(['--tier', 'cloud']);
    return { edge: await this.start(['--cloud-url', cloud.url]), cloud };
  }

  async line(server: ServerProcess, options: LineOptions = {}): Promise<Line> {
    const line = await Line.before(server.port, options);
    this.#lines.push(line);
    return line;
  }

  client(...urls: readonly string[]): CountingClient {
    const { manifest } = this.model;
    const client = new CountingClient(urls, { modelHash: manifest.hash, variant: variantFor(manifest) });
    this.#clients.push(client);
    return client;
  }

  /** Asks for all samples at once, over several clients. */
  ask(...urls: readonly string[]): Trial {
    const clients = Array.from({ length: CLIENTS }, () => this.client(...urls));
    return new Trial(clients, this.sampled(this.samples), DEADLINE_MS);
  }

  askOf(client: CountingClient, samples: readonly Known[]): Trial {
    return new Trial([client], samples, DEADLINE_MS);
  }

  sampled(count: number): readonly Known[] {
    return Array.from({ length: count }, (_, index) => at(this.known, index % this.known.length));
  }

  /** Ends all that was started. */
  async clear(): Promise<void> {
    for (const { tier } of this.#clients.splice(0)) tier.close();
    for (const line of this.#lines.splice(0)) line.close();
    await Promise.all(this.#servers.splice(0).map((server) => server.stop('SIGKILL')));
  }

  #keep(server: ServerProcess): ServerProcess {
    this.#servers.push(server);
    return server;
  }
}
