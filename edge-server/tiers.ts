import { randomUUID } from 'node:crypto';
import { FallbackTier } from '../core/ladder/fallback-tier';
import { HeldStates } from '../core/ladder/held-states';
import { type EarlyExit, LadderTier, type LadderTierOptions, type Schedule } from '../core/ladder/ladder-tier';
import { LoopbackTier } from '../core/protocol/loopback-tier';
import type { Tier } from '../core/ladder/tier';
import type { LayerRuntime } from '../core/model/layer-runtime';
import type { TierName } from '../core/layers';
import { type Manifest, variantOf } from '../core/model/manifest';
import type { Log } from '../core/log';
import { CODES_AT_ONCE, type StateCoder } from '../core/payload/state-coder';
import type { StateCodecs } from '../core/payload/state-codecs';
import type { PolicyFiles } from '../core/trace/policy-files';
import { type LinkStatus, USUAL_PATIENCE_MS } from '../core/protocol/link';
import { RemoteTier } from '../core/protocol/remote-tier';
import type { OpenSocket } from '../core/protocol/socket';
import type { Configuration } from './configuration';
import { Queue } from '../core/ladder/queue';
import { readEngineUrl } from './open-inference/address';
import { type EngineStatus, OpenInferenceTier } from './open-inference/open-inference-tier';

export interface TiersOptions {
  readonly configuration: Pick<Configuration, 'tier' | 'cloudUrl' | 'cloudTokenFile' | 'maxQueue' | 'heldMegabytes'>;
  readonly manifest: Manifest;
  readonly codecs: StateCodecs;
  readonly policyFiles?: PolicyFiles | undefined;
  readonly runtimeOf: (variant: string) => LayerRuntime;
  readonly coder?: StateCoder;
  readonly openSocket: OpenSocket;
  /** Hears of each sample that leaves a tier of this process early, with what runs the layers it left out. */
  readonly onLeftEarly?: ((left: EarlyExit, runtime: LayerRuntime) => void) | undefined;
  readonly log: Log;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

/** A tier of this process, for all variants, and what it has done. */
class HostedTier {
  readonly held: HeldStates[] = [];
  /** Samples that climb here, computing or waiting for a worker. */
  running = 0;
  layersRun = 0;

  constructor(
    private readonly name: TierName,
    private readonly options: TiersOptions,
  ) {}

  open(variant: string, { upstream, covers }: Pick<LadderTierOptions, 'upstream' | 'covers'> = {}): Tier {
    const { configuration, manifest, policyFiles, runtimeOf, now, onLeftEarly } = this.options;
    const runtime = runtimeOf(variant);
    const heldStates = new HeldStates(configuration.heldMegabytes * 2 ** 20);
    this.held.push(heldStates);
    return new LadderTier({
      name: this.name,
      ...(covers && { covers }),
      manifest,
      runtime,
      heldStates,
      schedule: this.#count,
      upstream,
      policyFiles,
      onLeftEarly: onLeftEarly && ((left) => onLeftEarly(left, runtime)),
      now,
      onStep: () => this.layersRun++,
    });
  }

  get status() {
    return {
      running: this.running,
      layersRun: this.layersRun,
      heldBytes: this.held.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** Every sample that is let in climbs at once: it is for each layer that it waits its turn. */
  readonly #count: Schedule = async (job) => {
    this.running++;
    try {
      return await job();
    } finally {
      this.running--;
    }
  };
}

/** The tiers of this process and the way to the one elsewhere; each variant has its own, made when first asked for. */
export class Tiers {
  readonly #stations = new Map<TierName, HostedTier>();
  readonly #entries = new Map<string, Tier>();
  readonly #remotes: (RemoteTier | OpenInferenceTier)[] = [];
  readonly #engines = new Map<string, OpenInferenceTier>();
  readonly #links: Record<string, LinkStatus> = {};
  readonly #keys = new WeakMap<object, string>();
  #ranHere = 0;

  constructor(private readonly options: TiersOptions) {}

  /** Where a client's samples enter. @throws DimeeError `BAD_INPUT` for a variant the model does not come in. */
  entryOf(variant: string): Tier {
    const found = this.#entries.get(variant);
    if (found) return found;
    variantOf(this.options.manifest, variant);
    const isCloud = this.options.configuration.tier === 'cloud';
    const entry = isCloud ? this.#open('cloud', variant) : this.#open('edge', variant, this.#wayToCloud(variant));
    this.#entries.set(variant, entry);
    return entry;
  }

  /** How much each tier of this process has to do, and what it has done. */
  get loads(): Readonly<Record<string, HostedTier['status']>> {
    return Object.fromEntries([...this.#stations].map(([name, { status }]) => [name, status]));
  }

  get status() {
    const { cloudUrl, tier } = this.options.configuration;
    return {
      tiers: this.loads,
      cloud:
        tier === 'cloud' || cloudUrl === undefined
          ? 'in process'
          : { url: cloudUrl, links: this.#links, ...this.#enginesStatus, ranHere: this.#ranHere },
    };
  }

  /** Of engines, by variant, what is known beside their links. */
  get engines(): ReadonlyMap<string, EngineStatus> {
    return new Map([...this.#engines].map(([variant, { status }]) => [variant, status]));
  }

  /** Samples for the cloud elsewhere that were taken on in this process. */
  get ranHere(): number {
    return this.#ranHere;
  }

  get #enginesStatus() {
    return this.#engines.size > 0 && { engines: Object.fromEntries(this.engines) };
  }

  close(): void {
    for (const remote of this.#remotes) remote.close();
  }

  #open(name: TierName, variant: string, upstream?: Tier): Tier {
    return this.#station(name).open(variant, { upstream });
  }

  #station(name: TierName): HostedTier {
    const station = this.#stations.get(name) ?? new HostedTier(name, this.options);
    this.#stations.set(name, station);
    return station;
  }

  /** A number drawn for each client's connection, so that the cloud can have them take turns and knows nothing else of them. */
  readonly #keyOf = (client: object): string => {
    const key = this.#keys.get(client) ?? randomUUID();
    this.#keys.set(client, key);
    return key;
  };

  #wayToCloud(variant: string): Tier {
    const { configuration, codecs, coder, now } = this.options;
    const way: Way = { from: 'edge', to: 'cloud', codecs, ...(coder && { coder }), now };
    if (configuration.cloudUrl === undefined) return new LoopbackTier({ ...way, tier: this.#open('cloud', variant) });
    const remote = this.#remoteAt(configuration.cloudUrl, variant, way);
    this.#remotes.push(remote);
    return new FallbackTier({
      above: bounded(remote, configuration.maxQueue, now),
      // Written and read on the way as on the wire, so that the answer is the same.
      here: new LoopbackTier({ ...way, tier: this.#station('edge').open(variant, { covers: ['edge', 'cloud'] }) }),
      now,
      onFallback: () => this.#ranHere++,
    });
  }

  #remoteAt(url: string, variant: string, way: Way): RemoteTier | OpenInferenceTier {
    const { configuration, manifest, openSocket, runtimeOf, log } = this.options;
    const shared = {
      ...{ url, variant, token: configuration.cloudTokenFile?.reveal(), keyOf: this.#keyOf },
      onStatus: (status: LinkStatus) => void (this.#links[variant] = status),
    };
    const address = readEngineUrl(url);
    if (!address) {
      const options = { ...way, ...shared, modelHash: manifest.hash, client: 'edge', patienceMs: USUAL_PATIENCE_MS };
      return new RemoteTier({ ...options, openSocket });
    }
    const engine = new OpenInferenceTier({
      ...{ coder: CODES_AT_ONCE, ...way, ...shared, address, manifest, runtime: runtimeOf(variant), log },
    });
    this.#engines.set(variant, engine);
    return engine;
  }
}

/** What all ways from the edge to the cloud have in common. */
interface Way {
  readonly from: 'edge';
  readonly to: 'cloud';
  readonly codecs: StateCodecs;
  readonly coder?: StateCoder;
  readonly now: () => number;
}

/**
 * A way that only so many samples may be on: the far tier bounds what it keeps waiting, not what waits here for it. What is
 * on it needs no more computing here, and keeps nobody out, unless it may have to come back.
 */
function bounded(tier: RemoteTier | OpenInferenceTier, most: number, now: () => number): Tier {
  const gate = new Queue({ lanes: most, maxQueue: 0, now });
  return {
    infer: (request, signal) => {
      if (tier.isOpen) request.origin?.onHandedOn?.();
      return gate.run(() => tier.infer(request, signal), signal);
    },
  };
}
