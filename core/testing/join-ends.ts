import type { Tier } from '../ladder/tier';
import type { Manifest } from '../model/manifest';
import { NO_CODECS } from '../payload/state-codecs';
import { Connection, type ConnectionOptions } from '../protocol/connection';
import type { FakeSocket } from './socket-pair';

/** Puts the server's end of the protocol before a tier, on the server's end of a connection in memory. */
export function joinEnds(
  socket: FakeSocket,
  { tier, ...options }: { readonly tier: Tier; readonly manifest: Manifest } & Partial<ConnectionOptions>,
): void {
  const connection = new Connection(socket, {
    ...{ name: 'edge', codecs: NO_CODECS, maxInFlight: 64, tierOf: () => tier },
    ...{ retryAfterMs: () => 100, now: () => performance.now(), log: () => undefined },
    ...options,
  });
  socket.onmessage = ({ data }) =>
    connection.receive(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
  socket.onclose = () => connection.closed();
}
