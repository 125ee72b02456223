import { Chart } from 'chart.js';
import { shade } from './palette.svelte';
import { drawLegend, layOutLegend } from './picture-legend';
import { wrapWords } from './text-layout';

/** What stands above a chart in its picture. */
export interface Caption {
  readonly title: string;
  /** What the chart was drawn from. */
  readonly settings: string;
}

/** In CSS pixels, as all lengths here. */
const PADDING = 20;
const GAP = 10;
const FAMILY = `'Inter', ui-sans-serif, system-ui, sans-serif`;
/** Pictures end up in slides and on paper: a screen of few pixels must not blur them. */
const LEAST_SCALE = 2;

/** A part of the picture; parts stand one below the other. */
interface Part {
  readonly height: number;
  draw(pen: CanvasRenderingContext2D, top: number): void;
}

/** The chart on its card's colour, below its title, its settings and its legend, as PNG. */
export async function pictureOf(canvas: HTMLCanvasElement, caption: Caption): Promise<Blob> {
  const chart = Chart.getChart(canvas);
  const scale = Math.max(devicePixelRatio, LEAST_SCALE);
  const picture = atScale(chart, scale, () => {
    const drawn = document.createElement('canvas');
    const pen = penOf(drawn);
    const { width, height, draw } = layOut(pen, canvas, caption);
    drawn.width = width * scale;
    drawn.height = height * scale;
    pen.scale(scale, scale);
    draw(pen, (left, top) => pen.drawImage(canvas, left, top, canvas.clientWidth, canvas.clientHeight));
    return drawn;
  });
  const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve));
  if (!blob) throw new Error('The browser could not write this picture.');
  return blob;
}

/** The same picture as SVG, its words as text. */
export async function drawingOf(canvas: HTMLCanvasElement, caption: Caption): Promise<Blob> {
  const chart = Chart.getChart(canvas);
  if (!chart) throw new Error('There is no chart to draw.');
  const { Context } = await import('svgcanvas');
  const { width, height, draw } = layOut(penOf(document.createElement('canvas')), canvas, caption);
  const drawing = new Context({ width, height });
  const pen = drawing as unknown as CanvasRenderingContext2D;
  draw(pen, (left, top) => {
    pen.save();
    pen.translate(left, top);
    redraw(chart, pen);
    pen.restore();
  });
  return new Blob([drawing.getSerializedSvg()], { type: 'image/svg+xml' });
}

/** Has the chart draw itself once more with another pen, and gives it its own back. */
function redraw(chart: Chart, pen: CanvasRenderingContext2D): void {
  const { ctx } = chart;
  const holders: { ctx: CanvasRenderingContext2D }[] = [chart, ...Object.values(chart.scales)];
  const lines = chart
    .getSortedVisibleDatasetMetas()
    .flatMap(({ type, dataset }) => (type === 'line' && dataset ? [dataset] : []));
  const kept = lines.map(({ options }) => options);
  const { clear } = chart;
  try {
    for (const holder of holders) holder.ctx = pen;
    // Chart.js remembers a whole line as `Path2D`, which only a canvas can draw; one with segments it draws point by point.
    for (const line of lines) line.options = Object.create(line.options, { segment: { value: {} } }) as object;
    // It would wipe the pen's page, and where it stands.
    chart.clear = () => chart;
    chart.draw();
  } finally {
    for (const holder of holders) holder.ctx = ctx;
    lines.forEach((line, index) => (line.options = kept[index] ?? {}));
    chart.clear = clear;
  }
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('The browser gives no canvas to draw on.');
  return pen;
}

/** Draws the chart with so many device pixels a CSS pixel for as long as `use` takes; nobody sees it in between. */
function atScale<Result>(chart: Chart | undefined, scale: number, use: () => Result): Result {
  if (!chart || chart.currentDevicePixelRatio >= scale) return use();
  chart.options.devicePixelRatio = scale;
  chart.resize();
  try {
    return use();
  } finally {
    delete chart.options.devicePixelRatio;
    chart.resize();
  }
}

/** Where all of a picture stands, measured by one pen and drawn by any. */
function layOut(measuring: CanvasRenderingContext2D, canvas: HTMLCanvasElement, { title, settings }: Caption) {
  const { clientWidth, clientHeight } = canvas;
  const chart = Chart.getChart(canvas);
  const size = { width: clientWidth };
  const parts: readonly Part[] = [
    textPart(measuring, title, { font: `620 16px ${FAMILY}`, colour: shade('ink'), line: 24, ...size }),
    textPart(measuring, settings, { font: `400 12px ${FAMILY}`, colour: shade('muted'), line: 18, ...size }),
    legendPart(measuring, chart, clientWidth),
    { height: GAP, draw: () => undefined },
  ];
  const head = parts.reduce((sum, part) => sum + part.height, PADDING);
  const [width, height] = [clientWidth + 2 * PADDING, head + clientHeight + PADDING];
  const draw = (pen: CanvasRenderingContext2D, drawChart: (left: number, top: number) => void) => {
    pen.textBaseline = 'middle';
    pen.fillStyle = shade('card');
    pen.fillRect(0, 0, width, height);
    let top = PADDING;
    for (const part of parts) {
      part.draw(pen, top);
      top += part.height;
    }
    drawChart(PADDING, head);
  };
  return { width, height, draw };
}

interface TextStyle {
  readonly font: string;
  readonly colour: string;
  /** Height of a line. */
  readonly line: number;
  readonly width: number;
}

function textPart(measuring: CanvasRenderingContext2D, text: string, { font, colour, line, width }: TextStyle): Part {
  measuring.font = font;
  const lines = wrapWords(text, width, (part) => measuring.measureText(part).width);
  return {
    height: lines.length * line,
    draw: (pen, top) => {
      pen.font = font;
      pen.fillStyle = colour;
      lines.forEach((words, index) => pen.fillText(words, PADDING, top + (index + 0.5) * line));
    },
  };
}

function legendPart(measuring: CanvasRenderingContext2D, chart: Chart | undefined, width: number): Part {
  const font = `400 12px ${FAMILY}`;
  const line = 22;
  measuring.font = font;
  const rows = layOutLegend(chart, width, (text) => measuring.measureText(text).width);
  return {
    height: rows.length > 0 ? GAP + rows.length * line : 0,
    draw: (pen, top) => {
      pen.font = font;
      rows.forEach((row, index) => drawLegend(pen, row, { x: PADDING, y: top + GAP + (index + 0.5) * line }));
    },
  };
}
