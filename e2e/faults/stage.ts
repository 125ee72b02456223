import { randomUUID } from 'node:crypto';
import { at } from '../../core/numbers/at';
import type { Manifest } from '../../core/model/manifest';
import { ModelFolder } from '../../edge-server/model-folder';
import { CountingClient } from '../../edge-server/testing/counting-client';
import { ServerProcess } from '../../edge-server/testing/server-process';
import { Line, type LineOptions } from '../testing/line';
import { answerOf, climbsOf, type Setting, usualSetting } from './climbs';
import { EngineNode } from '../../edge-server/testing/engine-node';
import { type Known, Trial } from './trial';

/** Samples that differ; more are the same ones again. */
const DIFFERENT = 96;
/** Samples may wait for as long as these scenarios take. */
const DEADLINE_MS = 120_000;
/** With these all samples are at the edge at once, where they are lost with it. */
const ALL_AT_ONCE = ['--max-in-flight', '1000', '--max-queue', '8192', '--max-queue-tokens', '1000000'];
const NO_REFUSALS = [...ALL_AT_ONCE, '--max-wait-ms', '600000'];

/** Real servers, real sockets and clients as pages have them, which all end together. */
export class Stage {
  readonly #servers: ServerProcess[] = [];
  readonly #clients: CountingClient[] = [];
  readonly #lines: Line[] = [];
  readonly #nodes: EngineNode[] = [];

  private constructor(
    private readonly folder: string,
    readonly model: ModelFolder,
    private readonly setting: Setting,
    readonly known: readonly Known[],
    /** How many samples a scenario asks for. */
    readonly samples: number,
    private readonly flags: readonly string[],
  ) {}

  /**
   * Computes what the answers must be with an edge that nothing happens to.
   * @param flags of every server.
   */
  static async open(
    folder: string,
    samples: number,
    flags: readonly string[] = [],
    settingOf: (manifest: Manifest) => Setting = usualSetting,
  ): Promise<Stage> {
    const model = await ModelFolder.open(folder);
    const setting = settingOf(model.manifest);
    const climbs = await climbsOf(model, setting, Math.min(DIFFERENT, samples));
    const reference = new Stage(folder, model, setting, [], 0, flags);
    try {
      const { tier } = reference.client((await reference.start()).url);
      const known = climbs.map(async (climb) => {
        const request = { ...climb, sampleKey: randomUUID(), deadlineMs: DEADLINE_MS };
        return { climb, expected: answerOf(await tier.infer(request, new AbortController().signal)) };
      });
      return new Stage(folder, model, setting, await Promise.all(known), samples, flags);
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

  /** A node of an engine with this model; `words` are those of `npm run cluster`. */
  async node(command: 'head' | 'join', ...words: readonly string[]): Promise<EngineNode> {
    const node = await EngineNode.start(command, ['--model', this.folder, ...words]);
    this.#nodes.push(node);
    return node;
  }

  async line(server: ServerProcess, options: LineOptions = {}): Promise<Line> {
    const line = await Line.before(server.port, options);
    this.#lines.push(line);
    return line;
  }

  client(...urls: readonly string[]): CountingClient {
    const { variant } = this.setting;
    const client = new CountingClient(urls, { modelHash: this.model.manifest.hash, variant });
    this.#clients.push(client);
    return client;
  }

  /** Asks for all samples at once, over several clients. */
  ask(...urls: readonly string[]): Trial {
    const clients = Array.from({ length: this.setting.clients }, () => this.client(...urls));
    return new Trial(clients, this.sampled(this.samples), DEADLINE_MS, this.setting.tolerance);
  }

  askOf(client: CountingClient, samples: readonly Known[]): Trial {
    return new Trial([client], samples, DEADLINE_MS, this.setting.tolerance);
  }

  sampled(count: number): readonly Known[] {
    return Array.from({ length: count }, (_, index) => at(this.known, index % this.known.length));
  }

  /** Ends all that was started. */
  async clear(): Promise<void> {
    for (const { tier } of this.#clients.splice(0)) tier.close();
    for (const line of this.#lines.splice(0)) line.close();
    await Promise.all(this.#servers.splice(0).map((server) => server.stop('SIGKILL')));
    // Those that joined before their head.
    for (const node of this.#nodes.splice(0).reverse()) await node.clear();
  }

  #keep(server: ServerProcess): ServerProcess {
    this.#servers.push(server);
    return server;
  }
}
