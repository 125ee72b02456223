import type { Chart, Plugin } from 'chart.js';
import type { PlaneHandle, PlaneMark } from './curves';

/** The name of a curve, where it ends. */
interface CurveLabel {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly colour: string;
  /** Of the line: names of the widest come first. */
  readonly width: number;
}

/** What is drawn over the lines: a line across, names, marks with their bars, and the points that can be moved. */
export interface Overlay {
  readonly marks: readonly PlaneMark[];
  readonly level: { readonly y: number; readonly name: string } | undefined;
  readonly labels: readonly CurveLabel[];
  readonly handles: readonly Pick<PlaneHandle, 'at' | 'colour' | 'letter'>[];
  readonly colours: { readonly muted: string; readonly card: string };
}

/** The part of a chart that drawing needs. */
type Plane = Pick<Chart, 'ctx' | 'chartArea' | 'scales'>;

const FONT = `12px 'Inter', ui-sans-serif, system-ui, sans-serif`;

/** Of a name, with what stays free around it. */
const LABEL_HEIGHT = 15;

/** Draws what `overlay` returns at the time; lines and bars are cut off at the rim of the plane. */
export function overlayPlugin(overlay: () => Overlay): Plugin<'line'> {
  return {
    id: 'overlay',
    beforeDatasetsDraw: (chart) => within(chart, () => drawLevel(chart, overlay())),
    afterDatasetsDraw: (chart) => {
      const { marks, labels, handles, colours } = overlay();
      within(chart, () => marks.forEach((mark) => drawMark(chart, mark)));
      within(chart, () => drawFarMarks(chart, marks, colours.muted));
      within(chart, () => drawLabels(chart, labels, colours.card));
      within(chart, () => handles.forEach((handle) => drawHandle(chart, handle, colours.card)));
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
  const isUnderTheRim = y - LABEL_HEIGHT - 4 < chartArea.top;
  ctx.textBaseline = isUnderTheRim ? 'top' : 'bottom';
  ctx.fillText(level.name, chartArea.right - 6, isUnderTheRim ? y + 4 : y - 4);
}

function drawMark(chart: Plane, mark: PlaneMark): void {
  const { ctx, chartArea } = chart;
  const [left, top] = pixelsOf(chart, mark.x, mark.y);
  ctx.strokeStyle = ctx.fillStyle = mark.colour;
  ctx.textBaseline = 'top';
  drawBars(chart, mark);
  ctx.fillRect(left - 4, top - 4, 8, 8);
  const isAtRight = left + 12 + ctx.measureText(mark.name).width > chartArea.right;
  ctx.textAlign = isAtRight ? 'right' : 'left';
  ctx.fillText(mark.name, isAtRight ? left - 8 : left + 8, top + 5);
}

/** What lies far to the left of all that is looked at is no secret: arrows at the foot of the left rim name it. */
function drawFarMarks(chart: Plane, marks: readonly PlaneMark[], colour: string): void {
  const { ctx, chartArea } = chart;
  ctx.fillStyle = colour;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  const far = marks.filter(({ x, y }) => pixelsOf(chart, x, y)[0] < chartArea.left);
  far.forEach(({ name, x }, index) => {
    ctx.fillText(`← ${name}: ${Math.round(x)}`, chartArea.left + 6, chartArea.bottom - 6 - index * LABEL_HEIGHT);
  });
}

function drawBars(chart: Plane, { x, y, xInterval, yInterval }: PlaneMark): void {
  const { ctx } = chart;
  const from = pixelsOf(chart, x, y);
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  for (const value of xInterval ?? []) {
    ctx.moveTo(...from);
    ctx.lineTo(...pixelsOf(chart, value, y));
  }
  for (const value of yInterval ?? []) {
    ctx.moveTo(...from);
    ctx.lineTo(...pixelsOf(chart, x, value));
  }
  ctx.stroke();
}

/** Names beside the ends of their curves; one that would lie on another moves up. */
function drawLabels(chart: Plane, labels: readonly CurveLabel[], card: string): void {
  const { ctx, chartArea } = chart;
  const taken: { left: number; right: number; top: number }[] = [];
  for (const { x, y, name, colour, width } of labels.toSorted((one, other) => other.width - one.width)) {
    const [end, middle] = pixelsOf(chart, x, y);
    ctx.font = width > 2 ? `600 ${FONT}` : FONT;
    const length = ctx.measureText(name).width;
    const left = Math.min(end + 8, chartArea.right - length - 4);
    let top = Math.min(middle, chartArea.bottom - LABEL_HEIGHT);
    while (
      taken.some(
        (other) => left < other.right && left + length > other.left && Math.abs(top - other.top) < LABEL_HEIGHT,
      )
    ) {
      top -= LABEL_HEIGHT;
    }
    taken.push({ left, right: left + length, top });
    ctx.textAlign = 'left';
    ctx.textBaseline = 'top';
    ctx.strokeStyle = card;
    ctx.lineWidth = 4;
    ctx.lineJoin = 'round';
    ctx.strokeText(name, left, top);
    ctx.fillStyle = colour;
    ctx.fillText(name, left, top);
  }
  ctx.font = FONT;
}

function drawHandle(
  chart: Plane,
  { at: { x, y }, colour, letter }: Pick<PlaneHandle, 'at' | 'colour' | 'letter'>,
  card: string,
): void {
  const { ctx } = chart;
  const [left, top] = pixelsOf(chart, x, y);
  ctx.beginPath();
  ctx.arc(left, top, 11, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.strokeStyle = card;
  ctx.lineWidth = 3;
  ctx.fill();
  ctx.stroke();
  ctx.font = `700 ${FONT}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = card;
  ctx.fillText(letter, left, top + 0.5);
  ctx.font = FONT;
}

function pixelsOf({ scales }: Plane, x: number, y: number): [left: number, top: number] {
  return [scales.x?.getPixelForValue(x) ?? 0, scales.y?.getPixelForValue(y) ?? 0];
}
