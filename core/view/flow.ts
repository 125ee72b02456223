import { type LayerIndex, toLayer } from '../layers';

/** Sizes of the picture in its own units, which are CSS pixels. */
export interface FlowBox {
  readonly width: number;
  /** Top of the stream, and its thickness when every sample is in it. */
  readonly top: number;
  readonly thickness: number;
  /** Where the leaving ribbons end. */
  readonly bottom: number;
}

/** One layer: where it stands, what flows on behind it, and what leaves. */
export interface FlowLayer {
  readonly layer: LayerIndex;
  readonly x: number;
  /** Shares of all samples, 0 to 1. */
  readonly arriving: number;
  readonly leaving: number;
  /** SVG path of the stream up to this layer. */
  readonly stream: string;
  /** SVG path of the ribbon that leaves here; empty where none does. */
  readonly ribbon: string;
}

/** Where in its column a layer stands, and the middle of the ribbon that leaves it, as shares of the column's width. */
const LAYER_AT = 0.2;
const FOOT_AT = 0.6;
const WIDEST_FOOT = 0.66;

/** Where the ribbon of a layer ends. */
export function footX(layer: LayerIndex, layerCount: number, width: number): number {
  return (width / layerCount) * (layer - 1 + FOOT_AT);
}

/**
 * The flow through the layers: a stream that starts with every sample and, after each layer, loses a ribbon as thick as
 * the share that leaves there. `exits` counts samples by layer.
 */
export function flowOf(exits: readonly number[], rows: number, box: FlowBox): readonly FlowLayer[] {
  const column = box.width / exits.length;
  let arriving = rows > 0 ? 1 : 0;
  return exits.map((count, index) => {
    const leaving = rows > 0 ? count / rows : 0;
    const x = column * (index + LAYER_AT);
    const from = index === 0 ? 0 : x - column;
    const layer: FlowLayer = {
      layer: toLayer(index + 1),
      x,
      arriving,
      leaving,
      stream: streamPath(from, x, arriving, box),
      ribbon: leaving > 0 ? ribbonPath(x, arriving, leaving, column, box) : '',
    };
    arriving = Math.max(arriving - leaving, 0);
    return layer;
  });
}

function streamPath(from: number, to: number, share: number, { top, thickness }: FlowBox): string {
  return `M${px(from)} ${px(top)}H${px(to)}V${px(top + share * thickness)}H${px(from)}Z`;
}

/** From the lower edge of the stream at x, round a bend, down to a foot of the same thickness, or as wide as fits. */
function ribbonPath(x: number, arriving: number, leaving: number, column: number, box: FlowBox): string {
  const { top, thickness, bottom } = box;
  const lower = top + arriving * thickness;
  const upper = lower - leaving * thickness;
  const foot = Math.max(Math.min(leaving * thickness, column * WIDEST_FOOT), 1.5);
  const middle = x + column * (FOOT_AT - LAYER_AT);
  const [left, right] = [middle - foot / 2, middle + foot / 2];
  const bend = Math.min(bottom - lower, column * 0.6);
  return [
    `M${px(x)} ${px(upper)}`,
    `C${px((x + right) / 2)} ${px(upper)} ${px(right)} ${px((upper + lower) / 2)} ${px(right)} ${px(lower + bend)}`,
    `V${px(bottom)}H${px(left)}V${px(lower + bend)}`,
    `C${px(left)} ${px(lower + bend / 2)} ${px((x + left) / 2)} ${px(lower)} ${px(x)} ${px(lower)}Z`,
  ].join('');
}

function px(value: number): string {
  return value.toFixed(1);
}
