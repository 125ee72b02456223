import type { Schedule } from '../core/ladder/ladder-tier';
import { RemoteTier } from '../core/protocol/remote-tier';
import { HybridTier } from '../core/ladder/hybrid-tier';
import type { LoadedModel } from './loaded-model';
import type { MobileTierParts } from './mobile-tier-parts';
import type { OpenedModel } from './open-model';

/** The way to an edge with a model: once that is open, samples can climb. */
export class EdgeLink {
  readonly hybridTier: Promise<HybridTier>;
  #edge: RemoteTier | undefined;
  #isMuted = false;

  constructor(
    private readonly model: LoadedModel,
    private readonly edgeUrl: string | undefined,
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
        now: parts.now,
      });
    });
    // Each sample that waits for it hears of a failure itself.
    this.hybridTier.catch(() => undefined);
  }

  isFor(model: LoadedModel, edgeUrl: string | undefined): boolean {
    return this.model === model && this.edgeUrl === edgeUrl;
  }

  mute(): void {
    this.#isMuted = true;
  }

  close(): void {
    this.#edge?.close();
  }

  #connect({ manifest, variant, codecs }: OpenedModel): RemoteTier | undefined {
    if (this.edgeUrl === undefined) return undefined;
    return new RemoteTier({
      url: this.edgeUrl,
      from: 'mobile',
      to: 'edge',
      modelHash: manifest.hash,
      variant,
      codecs,
      client: 'browser',
      openSocket: this.parts.openSocket,
      now: this.parts.now,
      onStatus: (status) => {
        if (!this.#isMuted) this.parts.post({ type: 'edge', status });
      },
    });
  }
}
