import { once } from 'node:events';
import { BareLoop } from '../edge/bare-batches';
import { edgeRows, TO_THE_TOP } from '../edge/edge-rows';

/* Climbs over and over on one thread, once it is told to; says how many samples a second. For `bareRate`. */

const [variant = '', batch, rounds] = process.argv.slice(2);
const rows = await edgeRows(variant, TO_THE_TOP);
const loop = await BareLoop.open(variant, rows, Number(batch));
await loop.climb();
process.send?.('warm');
await once(process, 'message');
const startedAt = performance.now();
for (let round = 0; round < Number(rounds); round++) await loop.climb();
process.send?.((1000 * Number(rounds) * rows.length) / (performance.now() - startedAt));
await loop.close();
process.disconnect();
