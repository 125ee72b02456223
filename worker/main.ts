import { SUBPROTOCOL } from '../core/protocol/limits';
import type { Socket } from '../core/protocol/socket';
import type { PageMessage, WorkerMessage } from '../core/protocol/page-messages';
import { MobileTier } from './mobile-tier';
import { openModel } from './open-model';

const tier = new MobileTier({
  post: (message) => postMessage(message),
  openModel,
  openSocket: (url) => new WebSocket(url, SUBPROTOCOL) as Socket,
  // Goes on where another worker takes the place of this one.
  now: () => performance.timeOrigin + performance.now(),
});

addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
  switch (data.type) {
    case 'load':
      return tier.load(data);
    case 'run':
      return tier.run(data);
    case 'stop':
      return tier.stop(data.runId);
    case 'ping':
      return postMessage({ type: 'alive' } satisfies WorkerMessage);
  }
});
