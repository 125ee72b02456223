import { getFloat16 } from '@petamoriken/float16';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** The value of each of the 65,536 float16 numbers, by its bits; made at first use. */
let table: Float32Array | undefined;

/** float16 numbers, given by their bits, as float32. A look-up is twenty times as fast as converting each. */
export function float32From16(bits: Uint16Array): Float32Array {
  table ??= makeTable();
  const values = new Float32Array(bits.length);
  for (let index = 0; index < bits.length; index++) values[index] = table[bits[index] ?? 0] ?? 0;
  return values;
}

function makeTable(): Float32Array {
  const view = new DataView(new ArrayBuffer(2));
  return Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
    view.setUint16(0, bits, true);
    return getFloat16(view, 0, true);
  });
}
