/** The part of the WebSocket interface that browsers and `ws` share. */
export interface Socket {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
}

/** Opens a socket with the subprotocol of `limits.ts`. */
export type OpenSocket = (url: string) => Socket;

/** Where a tier listens below its server's address, which may end in a prefix. */
export const TIER_PATH = '/v1/tier';
