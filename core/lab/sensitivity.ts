import { costByExitLayer, costCutPercent, type CostWeights, DEFAULT_COSTS } from '../cost';
import { layersUpTo, type Plan, stretchesOf } from '../layers';
import type { Equipment } from '../network/equipment';
import { modelRun, type NetworkRun } from '../network/network-run';
import { accessOf, type NetworkLink } from '../network/profiles';
import { allCloudJourneys } from '../network/trace-journeys';
import { at } from '../numbers/at';
import { frameIn } from '../policies/decision';
import type { PolicyParameters } from '../policies';
import { expectedLoss } from '../policies/expected-loss';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { expectedLosses, meanLossAt } from '../trace/expected-losses';
import { type ScoredTrace, scoreTrace } from '../trace/replay';
import { sweep, type SweepPoint } from '../trace/sweep';
import { travelled } from './network';
import type { LabSetting } from './setting';
import { rightUnderStaticCut, staticCost } from './static-cut';

/** A task whose points can be chosen. */
export interface SensitivitySetting extends LabSetting {
  readonly calibration: CalibratedTrace;
}

/** What is cheapest at some prices: means over tasks, chosen on their calibration splits and counted on what is reported on. */
export interface PriceCell {
  /** λm, in layers on the cloud. */
  readonly mobileLayer: number;
  /** What all three offloading costs are multiplied by. */
  readonly offloading: number;
  readonly costCutPercent: number;
  readonly lossPoints: number;
  /** Of the best static cut, on the tier where it is cheapest. */
  readonly staticCutPercent: number;
  readonly staticLossPoints: number;
}

/** What a run takes on one uplink and one device, beside the same texts sent to the cloud: means over tasks. */
export interface TimeCell {
  readonly upMbps: number;
  /** Milliseconds that the device takes for a layer of 32 tokens. */
  readonly mobileLayerMs: number;
  readonly cascade: RunTimes;
  readonly allCloud: RunTimes;
}

export interface RunTimes {
  readonly meanMs: number;
  readonly p95Ms: number;
  readonly millijoules: number;
}

/** By which a static cut's cost is its layer. */
const DEVICE_ONLY: CostWeights = { ...DEFAULT_COSTS, mobileLayer: 1 };

/** What the exits of both tiers may be expected to lose, in points: steps of the policy's slider, finer where it matters. */
const LIMITS = [
  0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.13, 0.17, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.3, 1.7, 2.2, 3, 4, 5,
];

/**
 * The best cut of cost at an allowed loss, for each price of a device's layer and of offloading. A task's plan (up to half
 * of the layers on the mobile tier, three quarters with the edge's) and its one limit of the policy `expected-loss` are
 * chosen anew at every price: what is dear moves elsewhere.
 */
export function priceSensitivity(
  settings: readonly SensitivitySetting[],
  allowedPoints: number,
  prices: { readonly mobileLayer: readonly number[]; readonly offloading: readonly number[] },
): PriceCell[] {
  const tasks = settings.map((setting) => new ExitTables(setting));
  return prices.mobileLayer.flatMap((mobileLayer) =>
    prices.offloading.map((offloading) => {
      const found = tasks.map((task) => {
        const costs = pricedAt(task.setting.costs, mobileLayer, offloading);
        return { cascade: task.cascade(costs, allowedPoints), cut: task.staticCut(costs, allowedPoints) };
      });
      return {
        ...{ mobileLayer, offloading },
        costCutPercent: meanOf(found, ({ cascade }) => cascade.costCutPercent),
        lossPoints: meanOf(found, ({ cascade }) => cascade.lossPoints),
        staticCutPercent: meanOf(found, ({ cut }) => cut.costCutPercent),
        staticLossPoints: meanOf(found, ({ cut }) => cut.lossPoints),
      };
    }),
  );
}

/** The same points, those chosen at the settings' own prices, over uplinks and devices. */
export function timeSensitivity(
  settings: readonly SensitivitySetting[],
  allowedPoints: number,
  { equipment, link, upMbps, mobileLayerMs }: TimeGrid,
): TimeCell[] {
  const ways = settings.map((setting) => {
    const { plan, limit } = new ExitTables(setting).cascade(setting.costs, allowedPoints);
    const { journeys } = travelled(setting, plan, { id: expectedLoss.id, parameters: parametersAt(limit) });
    return { journeys, whole: allCloudJourneys(journeys, plan, setting.layers) };
  });
  return upMbps.flatMap((up) =>
    mobileLayerMs.map((mobile) => {
      const access = accessOf('custom', { ...link, upMbps: up });
      const own = { ...equipment, layerMs: { ...equipment.layerMs, mobile } };
      return {
        ...{ upMbps: up, mobileLayerMs: mobile },
        cascade: meanTimes(ways.map(({ journeys }) => modelRun(journeys, own, access))),
        allCloud: meanTimes(ways.map(({ whole }) => modelRun(whole, own, access))),
      };
    }),
  );
}

export interface TimeGrid {
  /** All but the mobile tier's time a layer. */
  readonly equipment: Equipment;
  /** All but its uplink. */
  readonly link: NetworkLink;
  readonly upMbps: readonly number[];
  readonly mobileLayerMs: readonly number[];
}

function meanTimes(runs: readonly NetworkRun[]): RunTimes {
  return {
    meanMs: meanOf(runs, ({ meanMs }) => meanMs),
    p95Ms: meanOf(runs, ({ p95Ms }) => p95Ms),
    millijoules: meanOf(
      runs,
      ({ energy }) => energy.computeMillijoules + energy.sendingMillijoules + energy.tailMillijoules,
    ),
  };
}

function pricedAt(costs: CostWeights, mobileLayer: number, offloading: number): CostWeights {
  return {
    ...{ ...costs, mobileLayer },
    mobileToEdge: costs.mobileToEdge * offloading,
    edgeToCloud: costs.edgeToCloud * offloading,
    mobileToCloud: costs.mobileToCloud * offloading,
  };
}

interface Priced {
  readonly costCutPercent: number;
  readonly lossPoints: number;
}

/** Where a task's rows leave under every limit, by the edge's last layer: which no price changes. */
class ExitTables {
  readonly #chosenOn: readonly (readonly SweepPoint[])[];
  readonly #countedOn: readonly (readonly SweepPoint[])[];
  /** Of leaving at layer 1, 2, …, in points. */
  readonly #expectedAt: readonly number[];

  constructor(readonly setting: SensitivitySetting) {
    const scored = this.#scored(setting.calibration);
    const losses = expectedLosses(scored, setting.fitted);
    this.#chosenOn = this.#swept(setting.calibration, { ...scored, expectedLosses: losses });
    this.#countedOn = this.#swept(setting.evaluation, this.#scored(setting.evaluation));
    this.#expectedAt = layersUpTo(setting.layers).map(
      (layer) => 100 * meanLossAt(new Uint8Array(scored.rows).fill(layer), { ...scored, expectedLosses: losses }),
    );
  }

  /** The cheapest plan and limit expected to lose no more; limit 0, by which nothing leaves, always keeps to it. */
  cascade(costs: CostWeights, allowedPoints: number): Priced & { readonly plan: Plan; readonly limit: number } {
    const { layers } = this.setting;
    const candidates = plansOf(layers).flatMap((plan) => {
      const layerCosts = costByExitLayer(layers, stretchesOf('cascade', plan, layers), costs);
      const points = at(this.#chosenOn, plan.edgeLayers);
      return LIMITS.map((limit, place) => {
        const { exitsByLayer, expectedLoss: loss } = at(points, place);
        return { plan, limit, place, layerCosts, loss: 100 * loss, cost: meanCost(exitsByLayer, layerCosts) };
      });
    });
    const kept = candidates.filter(({ loss }) => loss <= allowedPoints);
    const best = kept.reduce((one, other) => (other.cost < one.cost ? other : one));
    const { exitsByLayer, quality } = at(at(this.#countedOn, best.plan.edgeLayers), best.place);
    return {
      ...{ plan: best.plan, limit: best.limit },
      lossPoints: 100 * (quality.accuracyAtLastExit - quality.accuracy),
      costCutPercent: costCutPercent(meanCost(exitsByLayer, best.layerCosts), layers, costs),
    };
  }

  /** The first layer at which leaving is expected to lose no more; the last one loses nothing. */
  staticCut(costs: CostWeights, allowedPoints: number): Priced {
    const { evaluation, layers } = this.setting;
    const layer = 1 + this.#expectedAt.findIndex((points) => points <= allowedPoints);
    const rightAt = (depth: number) => meanOf([...rightUnderStaticCut(evaluation, depth, DEVICE_ONLY)], Number);
    return {
      lossPoints: 100 * (rightAt(layers) - rightAt(layer)),
      costCutPercent: costCutPercent(staticCost(layer, costs), layers, costs),
    };
  }

  #scored(calibrated: CalibratedTrace): ScoredTrace {
    return scoreTrace(calibrated, { policy: expectedLoss, parameters: {}, fitted: this.setting.fitted });
  }

  /** `[edge's last layer][limit]`; both tiers have the same limit, so that it does not matter where the first one ends. */
  #swept(calibrated: CalibratedTrace, scored: ScoredTrace): SweepPoint[][] {
    const { layers, fitted } = this.setting;
    return [0, ...layersUpTo(layers)].map((edgeLayers) => {
      const frame = frameIn({ plan: { mobileLayers: edgeLayers, edgeLayers }, layers, fitted }, expectedLoss);
      const decisions = LIMITS.map((limit) => ({ ...frame, parameters: parametersAt(limit) }));
      return edgeLayers === 0 ? [] : sweep(calibrated, decisions, () => scored);
    });
  }
}

function parametersAt(limit: number): PolicyParameters {
  return { mobileThreshold: limit, edgeThreshold: limit, cloudThreshold: 0 };
}

/** Up to half of the layers on the mobile tier, and three quarters with the edge's: those of the model's report. */
function plansOf(layers: number): Plan[] {
  const mobile = Array.from({ length: Math.max(Math.floor(layers / 2), 1) }, (_, index) => index + 1);
  return mobile.flatMap((mobileLayers) => {
    const most = Math.max(Math.floor((3 * layers) / 4), mobileLayers);
    return Array.from({ length: most - mobileLayers + 1 }, (_, more) => ({
      mobileLayers,
      edgeLayers: mobileLayers + more,
    }));
  });
}

function meanCost(exitsByLayer: readonly number[], layerCosts: readonly number[]): number {
  const rows = exitsByLayer.reduce((sum, exits) => sum + exits, 0);
  return exitsByLayer.reduce((sum, exits, index) => sum + exits * at(layerCosts, index), 0) / rows;
}

function meanOf<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0) / items.length;
}
