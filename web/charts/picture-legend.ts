import type { Chart } from 'chart.js';
import { shade } from './palette.svelte';
import { inRows } from './text-layout';

/** Widths in CSS pixels: a piece of a line, a block of a colour, from there to the name, and from there to the next. */
const PIECE = 22;
const BLOCK = 10;
const GAP = 7;
const AFTER = 18;

interface Entry {
  readonly name: string;
  readonly colour: string;
  /** Of a line; undefined for what is filled. */
  readonly dash: readonly number[] | undefined;
}

type Placed = Entry & { readonly x: number };

/** The names of a chart’s series in rows no wider than `width`; none where the chart draws a legend itself. */
export function layOutLegend(
  chart: Chart | undefined,
  width: number,
  measure: (text: string) => number,
): readonly (readonly Placed[])[] {
  if (!chart || chart.legend?.options.display) return [];
  const entries = chart.data.datasets.flatMap((_, index) => entryOf(chart, index) ?? []);
  return inRows(
    entries.map((entry) => ({ ...entry, width: swatchWidth(entry) + GAP + measure(entry.name) + AFTER })),
    width,
  );
}

/** How a series looks; undefined for one that is hidden, has no name or no single colour. */
function entryOf(chart: Chart, index: number): Entry | undefined {
  const series = chart.data.datasets[index];
  const colour = [series?.borderColor, series?.backgroundColor].find((value) => typeof value === 'string');
  if (!series?.label || colour === undefined || !chart.isDatasetVisible(index)) return undefined;
  const isLine = chart.getDatasetMeta(index).type === 'line';
  const dash = 'borderDash' in series && Array.isArray(series.borderDash) ? series.borderDash.map(Number) : [];
  return { name: series.label, colour, dash: isLine ? dash : undefined };
}

function swatchWidth({ dash }: Entry): number {
  return dash ? PIECE : BLOCK;
}

/** Draws one row from `x` on, its middle at `y`; the pen has the font already. */
export function drawLegend(pen: CanvasRenderingContext2D, row: readonly Placed[], at: { x: number; y: number }): void {
  for (const entry of row) {
    const x = at.x + entry.x;
    drawSwatch(pen, entry, { x, y: at.y });
    pen.fillStyle = shade('ink');
    pen.fillText(entry.name, x + swatchWidth(entry) + GAP, at.y);
  }
}

/** A piece of the line, or a block of the colour. */
function drawSwatch(pen: CanvasRenderingContext2D, { colour, dash }: Entry, { x, y }: { x: number; y: number }): void {
  pen.fillStyle = pen.strokeStyle = colour;
  if (!dash) {
    pen.fillRect(x, y - BLOCK / 2, BLOCK, BLOCK);
    return;
  }
  pen.lineWidth = 2;
  pen.setLineDash([...dash]);
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + PIECE, y);
  pen.stroke();
  pen.setLineDash([]);
}
