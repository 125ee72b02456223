import { base64ToUint8Array, uint8ArrayToBase64 } from 'uint8array-extras';

/** Characters of one packed part that a link may bring. */
export const MAX_PACKED = 100_000;

/** Bytes as they stand in an address: deflated, in the base64 of URLs. */
export async function pack(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const deflated = new Uint8Array(await new Response(stream).arrayBuffer());
  return uint8ArrayToBase64(deflated, { urlSafe: true });
}

/** What was packed; undefined for what nobody packed, for more than `MAX_PACKED` of it, or for more than `most` bytes, which are not unpacked first. */
export async function unpack(packed: string, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (packed.length > MAX_PACKED) return undefined;
  try {
    const stream = new Blob([base64ToUint8Array(packed)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return await readAtMost(stream, most);
  } catch {
    return undefined;
  }
}

async function readAtMost(stream: ReadableStream<Uint8Array>, most: number) {
  const reader = stream.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    chunks.push(new Uint8Array(chunk.value));
    length += chunk.value.byteLength;
    if (length > most) {
      await reader.cancel();
      return undefined;
    }
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
