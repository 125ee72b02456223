import type { OpenSocket } from '../core/protocol/socket';
import type { WorkerMessage } from '../core/protocol/page-messages';
import type { OpenedModel, openModel } from './open-model';

/** What the tier stands on; tests put fakes here. */
export interface MobileTierParts {
  readonly post: (message: WorkerMessage) => void;
  readonly openModel: (...request: Parameters<typeof openModel>) => Promise<OpenedModel>;
  readonly openSocket: OpenSocket;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}
