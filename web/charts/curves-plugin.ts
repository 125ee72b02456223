import type { Chart, Plugin } from 'chart.js';
import type { PlaneMark, PlanePoint } from './curves';

/** What is drawn over the lines: a line across, marks with their bars and names, and the point that can be moved. */
export interface Overlay {
  readonly marks: readonly PlaneMark[];
  readonly level: { readonly y: number; readonly name: string } | undefined;
  readonly handle: (PlanePoint & { readonly colour: string }) | undefined;
  readonly colours: { readonly muted: string; readonly card: string };
}

/** The part of a chart that drawing needs. */
type Plane = Pick<Chart, 'ctx' | 'chartArea' | 'scales'>;

const FONT = `12px 'Inter', ui-sans-serif, system-ui, sans-serif`;

/** Draws what `overlay` returns at the time; lines and bars are cut off at the rim of the plane. */
export function overlayPlugin(overlay: () => Overlay): Plugin<'line'> {
  return {
    id: 'overlay',
    beforeDatasetsDraw: (chart) => within(chart, () => drawLevel(chart, overlay())),
    afterDatasetsDraw: (chart) => {
      const { marks, handle, colours } = overlay();
      within(chart, () => marks.forEach((mark) => drawMark(chart, mark)));
      within(chart, () => handle && drawHandle(chart, handle, colours.card));
    },
  };
}

function within({ ctx, chartArea: { left, top, width, height } }: Plane, draw: () => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = FONT;
  draw();
  ctx.restore();
}

function drawLevel(chart: Plane, { level, colours }: Overlay): void {
  if (!level) return;
  const { ctx, chartArea, scales } = chart;
  const y = scales.y?.getPixelForValue(level.y) ?? 0;
  ctx.strokeStyle = ctx.fillStyle = colours.muted;
  ctx.globalAlpha = 0.7;
  ctx.setLineDash([2, 4]);
  ctx.beginPath();
  ctx.moveTo(chartArea.left, y);
  ctx.lineTo(chartArea.right, y);
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText(level.name, chartArea.right - 6, y - 4);
}

function drawMark(chart: Plane, { x, y, xInterval, yInterval, name, colour }: PlaneMark): void {
  const { ctx, chartArea } = chart;
  const [left, top] = pixelsOf(chart, x, y);
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  for (const value of xInterval ?? []) {
    ctx.moveTo(left, top);
    ctx.lineTo(...pixelsOf(chart, value, y));
  }
  for (const value of yInterval ?? []) {
    ctx.moveTo(left, top);
    ctx.lineTo(...pixelsOf(chart, x, value));
  }
  ctx.stroke();
  ctx.fillRect(left - 4, top - 4, 8, 8);
  const isAtRight = left + 12 + ctx.measureText(name).width > chartArea.right;
  ctx.textAlign = isAtRight ? 'right' : 'left';
  ctx.textBaseline = 'top';
  ctx.fillText(name, isAtRight ? left - 8 : left + 8, top + 5);
}

function drawHandle(chart: Plane, { x, y, colour }: PlanePoint & { colour: string }, card: string): void {
  const { ctx } = chart;
  ctx.beginPath();
  ctx.arc(...pixelsOf(chart, x, y), 8, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.strokeStyle = card;
  ctx.lineWidth = 3;
  ctx.fill();
  ctx.stroke();
}

function pixelsOf({ scales }: Plane, x: number, y: number): [left: number, top: number] {
  return [scales.x?.getPixelForValue(x) ?? 0, scales.y?.getPixelForValue(y) ?? 0];
}
