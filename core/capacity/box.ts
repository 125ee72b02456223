import { drawLot } from '../numbers/lots';
import { nobody } from '../scheduling/asker';
import type { BatchBounds } from '../scheduling/companions';
import { Scheduler, type Work } from '../scheduling/scheduler';
import { type BoxCosts, layerMs } from './box-costs';
import type { SimulatedClock } from './clock';
import { Cores } from './cores';
import { Errands } from './errands';

/** A sample that climbs. */
export interface Climber {
  /** Whose it is, by identity: clients take turns. */
  readonly client: object;
  readonly tokens: number;
  readonly exitLayer: number;
}

interface Job extends Work {
  readonly climber: Climber;
  readonly layer: number;
  readonly lastLayer: number;
  readonly leave: () => void;
}

interface SimulatedWorker {
  isBusy: boolean;
  leader: Job | undefined;
  isInterrupted: boolean;
}

export interface BoxOptions {
  readonly clock: SimulatedClock;
  /** Workers, and as many cores, which the thread of the sockets shares with them. */
  readonly workers: number;
  readonly costs: BoxCosts;
  readonly bounds: BatchBounds;
}

/**
 * One machine with a worker a core, as the edge computes: the scheduler is the same one, a batch climbs layer after layer
 * for as long as all of it stays and nobody comes first, and who leaves is answered at once.
 */
export class Box {
  /** Milliseconds of cores that were spent. */
  busyMs = 0;
  readonly #cores: Cores;
  readonly #sockets: Errands;
  readonly #clients: Errands;
  readonly #scheduler: Scheduler<Job>;
  readonly #workers: SimulatedWorker[];
  #isDue = false;
  #layersRun = 0;

  constructor(private readonly options: BoxOptions) {
    const { clock, workers, bounds } = options;
    this.#cores = new Cores(clock, workers);
    this.#sockets = new Errands(this.#cores);
    this.#clients = new Errands(this.#cores);
    this.#scheduler = new Scheduler({ bounds, now: () => clock.now, onDropped: () => undefined });
    this.#workers = Array.from({ length: workers }, () => ({ isBusy: false, leader: undefined, isInterrupted: false }));
  }

  /** The thread of the sockets reads a sample, or answers it: the half of what there is around its layers. */
  readOrAnswer(then: () => void): void {
    const ms = this.options.costs.aroundMs / 2;
    this.busyMs += ms;
    this.#sockets.add(ms, then);
  }

  /** Who sends the samples takes so much for one, on this machine too. */
  sendOrHear(ms: number, then: () => void): void {
    if (ms <= 0) return then();
    this.busyMs += ms;
    this.#clients.add(ms, then);
  }

  /** The sample climbs from one layer to where it leaves, or to the last of these. */
  climb(climber: Climber, firstLayer: number, lastLayer: number, leave: () => void): void {
    this.#add({
      ...{ climber, layer: firstLayer, lastLayer: Math.min(climber.exitLayer, lastLayer), leave },
      ...{ kind: `${firstLayer}`, tokens: climber.tokens },
      asker: { ...nobody(), client: climber.client, sample: climber },
    });
  }

  #add(job: Job): void {
    this.#scheduler.add(job);
    for (const worker of this.#workers) {
      if (worker.leader && this.#scheduler.comesBefore(job, worker.leader)) worker.isInterrupted = true;
    }
    this.#dispatchSoon();
  }

  /** After all that happens at this moment: what leaves a layer together is there for the next. */
  #dispatchSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.options.clock.after(0, () => {
      this.#isDue = false;
      for (const worker of this.#workers.filter(({ isBusy }) => !isBusy)) {
        const batch = this.#scheduler.next();
        if (batch[0]) this.#begin(worker, batch[0], batch);
      }
    });
  }

  #begin(worker: SimulatedWorker, leader: Job, batch: readonly Job[]): void {
    Object.assign(worker, { isBusy: true, isInterrupted: false, leader });
    this.#runLayer(worker, batch, leader.layer);
  }

  #runLayer(worker: SimulatedWorker, batch: readonly Job[], layer: number): void {
    const longest = batch.reduce((most, { tokens }) => Math.max(most, tokens), 0);
    const ms = layerMs(this.options.costs, batch.length, longest) * this.#luck();
    this.busyMs += ms;
    this.#cores.run(ms, () => {
      const allStay = batch.every(({ lastLayer }) => layer < lastLayer);
      if (allStay && !worker.isInterrupted) this.#runLayer(worker, batch, layer + 1);
      else this.#end(worker, batch, layer);
    });
  }

  /** By how much a layer takes longer than on average: log-normal, drawn by lot. */
  #luck(): number {
    const variance = Math.log(1 + this.options.costs.variation ** 2);
    const [one, other] = [1 - drawLot(11, this.#layersRun, 0), drawLot(11, this.#layersRun++, 1)];
    const normal = Math.sqrt(-2 * Math.log(one)) * Math.cos(2 * Math.PI * other);
    return Math.exp(Math.sqrt(variance) * normal - variance / 2);
  }

  #end(worker: SimulatedWorker, batch: readonly Job[], layer: number): void {
    Object.assign(worker, { isBusy: false, leader: undefined });
    this.#scheduler.done(batch);
    for (const job of batch) {
      if (layer >= job.lastLayer) job.leave();
      else this.#add({ ...job, layer: layer + 1, kind: `${layer + 1}` });
    }
    this.#dispatchSoon();
  }
}
