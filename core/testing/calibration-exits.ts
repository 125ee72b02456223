import type { CalibrationExits } from '../policies/fitted';

/**
 * Calibration rows of two classes, the first of which is right: what layers give it, row by row. Of layers that are not
 * named all are 0.5.
 */
export function calibrationWith(byLayer: Readonly<Record<number, readonly number[]>>, layers = 12): CalibrationExits {
  const rows = Object.values(byLayer)[0]?.length ?? 1;
  const probabilities = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: layers }, (__, index) => byLayer[index + 1]?.[row] ?? 0.5).flatMap((p) => [p, 1 - p]),
  );
  return {
    rows,
    layers,
    classes: 2,
    probabilities: Float64Array.from(probabilities.flat()),
    gold: new Uint8Array(rows),
  };
}
