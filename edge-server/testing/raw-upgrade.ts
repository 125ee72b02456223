import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL } from '../../core/protocol/limits';

const HANDSHAKE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/**
 * A WebSocket handshake without a WebSocket behind it: nothing that comes over the connection is ever answered.
 * `text` is that of a refusal.
 */
export function rawUpgrade(
  url: string,
  headers: Record<string, string> = { 'Sec-WebSocket-Protocol': SUBPROTOCOL },
): Promise<{ status: number; text: string; protocol?: string | undefined; connection?: Duplex }> {
  return new Promise((resolve, reject) => {
    const attempt = request(url.replace(/^ws/, 'http'), { headers: { ...HANDSHAKE, ...headers } });
    attempt.on('error', reject);
    attempt.on('upgrade', (response, connection) => {
      connection.on('error', () => undefined);
      const protocol = response.headers['sec-websocket-protocol'];
      resolve({ status: response.statusCode ?? 0, text: '', protocol, connection });
    });
    attempt.on('response', (response) => {
      let text = '';
      response.on('data', (data) => (text += String(data)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    attempt.end();
  });
}
