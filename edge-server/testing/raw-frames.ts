/** One WebSocket frame of a client with a whole text of less than 64 KiB (RFC 6455, 5.2); the mask is zero. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { byteLength } = payload;
  const length = byteLength < 126 ? [0x80 | byteLength] : [0x80 | 126, byteLength >> 8, byteLength & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), payload]);
}
