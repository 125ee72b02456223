/** A number from 0 to below 1 that looks drawn by chance, and is always the same for the same whole numbers. */
export function drawLot(...seeds: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = mixed(state ^ seed);
  return (mixed(state) >>> 0) / 2 ** 32;
}

/** The finaliser of MurmurHash3: each bit of the input flips about half of the output's. */
function mixed(value: number): number {
  let bits = value + 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** A sample's seed: the same for the same texts, on every device and at every visit. 32 bits (FNV-1a). */
export function seedOfTexts(texts: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const unit of new TextEncoder().encode(texts.join('\t'))) hash = Math.imul(hash ^ unit, 0x01000193);
  return hash >>> 0;
}
