import type { Schedule } from '../core/ladder/ladder-tier';
import { USUAL_PATIENCE_MS } from '../core/protocol/link';
import { newTraceparent } from '../core/protocol/traceparent';
import { type ClosableTier, type TierAddress, wayToTiers } from '../core/protocol/way-to-tiers';
import { HybridTier } from '../core/ladder/hybrid-tier';
import type { WorkerMessage } from '../core/protocol/page-messages';
import type { LoadedModel } from './loaded-model';
import type { MobileTierParts } from './mobile-tier-parts';
import type { OpenedModel } from './open-model';

const ASK_AGAIN_MS = 1000;

/** The way to an edge, at one address or any of several, with a model: once that is open, samples can climb. */
export class EdgeLink {
  readonly hybridTier: Promise<HybridTier>;
  #edge: ClosableTier | undefined;
  #isMuted = false;
  #isOpen = false;
  /** Called when the edge can be reached again. */
  readonly #whenOpen = new Set<() => void>();

  constructor(
    private readonly model: LoadedModel,
    private readonly edges: readonly TierAddress[],
    schedule: Schedule,
    private readonly parts: Omit<MobileTierParts, 'openModel'>,
  ) {
    this.hybridTier = model.opened.then((opened) => {
      this.#edge = this.#connect(opened);
      const { manifest, runtime, policyFiles } = opened;
      return new HybridTier({
        manifest,
        runtime,
        heldStates: model.heldStates,
        policyFiles,
        schedule,
        edge: this.#edge,
        ...(this.#edge && { edgeOpens: () => this.#opens(), edgeBack: () => this.#back() }),
        onWaiting: (samples) => this.#post({ type: 'waiting', samples }),
        now: parts.now,
      });
    });
    // Each sample that waits for it hears of a failure itself.
    this.hybridTier.catch(() => undefined);
  }

  isFor(model: LoadedModel, edges: readonly TierAddress[]): boolean {
    const isSame = ({ url, token }: TierAddress, index: number) =>
      this.edges[index]?.url === url && this.edges[index].token === token;
    return this.model === model && this.edges.length === edges.length && edges.every(isSame);
  }

  mute(): void {
    this.#isMuted = true;
  }

  close(): void {
    this.#edge?.close();
  }

  #connect({ manifest, variant, codecs }: OpenedModel): ClosableTier | undefined {
    if (this.edges.length === 0) return undefined;
    return wayToTiers(this.edges, {
      from: 'mobile',
      to: 'edge',
      modelHash: manifest.hash,
      variant,
      codecs,
      client: 'browser',
      // Then the device runs what it can itself.
      patienceMs: USUAL_PATIENCE_MS,
      openSocket: this.parts.openSocket,
      now: this.parts.now,
      newTraceparent: () => newTraceparent((bytes) => crypto.getRandomValues(bytes)),
      onStatus: (ways) => {
        this.#isOpen = ways.status.state === 'open';
        if (this.#isOpen) this.#whenOpen.forEach((resume) => resume());
        if (this.#isOpen) this.#whenOpen.clear();
        this.#post({ type: 'edge', ...ways });
      },
    });
  }

  #opens(): Promise<void> {
    return this.#isOpen ? Promise.resolve() : new Promise((resolve) => this.#whenOpen.add(resolve));
  }

  /** An edge that is there and has nobody above it is asked again after a while. */
  #back(): Promise<void> {
    return this.#isOpen ? new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS)) : this.#opens();
  }

  #post(message: WorkerMessage): void {
    if (!this.#isMuted) this.parts.post(message);
  }
}
