import type { OpenSocket } from '../protocol/socket';

/**
 * A socket whose messages leave one after the other at so many bytes a millisecond. Nothing tells how far they are: as
 * in front of a modem, buffers on the way have swallowed all at once.
 */
export function slowLine(openSocket: OpenSocket, bytesPerMs: number, counted?: (bytes: number) => void): OpenSocket {
  return (url) => {
    const socket = openSocket(url);
    const sendNow = socket.send.bind(socket);
    let freeAt = 0;
    socket.send = (data) => {
      const bytes = typeof data === 'string' ? new TextEncoder().encode(data).byteLength : data.byteLength;
      counted?.(bytes);
      freeAt = Math.max(freeAt, performance.now()) + bytes / bytesPerMs;
      setTimeout(() => sendNow(data), freeAt - performance.now());
    };
    return socket;
  };
}
