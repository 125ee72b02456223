/** Bytes as `01 ab`, to write a frame into a test. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The bytes of `01 ab` or `01ab`; all white space is passed over. */
export function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.replace(/\s/g, '').match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Bytes whose `slice` shares their memory, as that of Node's Buffer does. */
export class SharingBytes extends Uint8Array<ArrayBuffer> {
  override slice = (start?: number, end?: number) => this.subarray(start, end);

  /** A copy of the bytes amid others. */
  static amidOthers(bytes: Uint8Array): SharingBytes {
    const pool = new ArrayBuffer(bytes.length + 48);
    new Uint8Array(pool).fill(0xee).set(bytes, 24);
    return new SharingBytes(pool, 24, bytes.length);
  }
}
