type Numbers = Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Int8Array;

/** Numbers in memory that threads share: sending them sends no copy. */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/** The value with all its arrays of numbers copied into shared memory. */
export function shared<Value>(value: Value): Value {
  if (ArrayBuffer.isView(value)) return sharedCopy(value as unknown as Numbers) as Value;
  if (Array.isArray(value)) return value.map(shared) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shared(part)])) as Value;
}

/** What may be sent to a thread: shared as it is, or with nothing else in its buffer, since all of that would be copied. */
export function sendable<Array extends Float32Array | Uint8Array>(data: Array): Array {
  const isAlone = data.byteLength === data.buffer.byteLength;
  return isAlone || data.buffer instanceof SharedArrayBuffer ? data : (data.slice() as Array);
}

function sharedCopy(data: Numbers): Numbers {
  // Of Node's Buffers, too.
  const Type =
    data instanceof Uint8Array ? Uint8Array : (data.constructor as new (buffer: SharedArrayBuffer) => Numbers);
  const copy = new Type(new SharedArrayBuffer(data.byteLength));
  copy.set(data);
  return copy;
}
