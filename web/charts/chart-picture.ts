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
  draw(top: number): void;
}

/** The chart on its card's colour, below its title, its settings and its legend, as PNG. */
export async function pictureOf(canvas: HTMLCanvasElement, caption: Caption): Promise<Blob> {
  const chart = Chart.getChart(canvas);
  const scale = Math.max(devicePixelRatio, LEAST_SCALE);
  const picture = atScale(chart, scale, () => draw(canvas, chart, caption, scale));
  const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve));
  if (!blob) throw new Error('The browser could not write this picture.');
  return blob;
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

function draw(canvas: HTMLCanvasElement, chart: Chart | undefined, { title, settings }: Caption, scale: number) {
  const picture = document.createElement('canvas');
  const pen = picture.getContext('2d');
  if (!pen) throw new Error('The browser gives no canvas to draw on.');
  const { clientWidth: width, clientHeight: height } = canvas;
  const parts: readonly Part[] = [
    textPart(pen, title, { font: `620 16px ${FAMILY}`, colour: shade('ink'), line: 24, width }),
    textPart(pen, settings, { font: `400 12px ${FAMILY}`, colour: shade('muted'), line: 18, width }),
    legendPart(pen, chart, width),
    { height: GAP, draw: () => undefined },
    { height, draw: (top) => pen.drawImage(canvas, PADDING, top, width, height) },
  ];
  picture.width = (width + 2 * PADDING) * scale;
  picture.height = (parts.reduce((sum, part) => sum + part.height, 0) + 2 * PADDING) * scale;
  pen.scale(scale, scale);
  pen.textBaseline = 'middle';
  pen.fillStyle = shade('card');
  pen.fillRect(0, 0, picture.width, picture.height);
  let top = PADDING;
  for (const part of parts) {
    part.draw(top);
    top += part.height;
  }
  return picture;
}

interface TextStyle {
  readonly font: string;
  readonly colour: string;
  /** Height of a line. */
  readonly line: number;
  readonly width: number;
}

function textPart(pen: CanvasRenderingContext2D, text: string, { font, colour, line, width }: TextStyle): Part {
  pen.font = font;
  const lines = wrapWords(text, width, (part) => pen.measureText(part).width);
  return {
    height: lines.length * line,
    draw: (top) => {
      pen.font = font;
      pen.fillStyle = colour;
      lines.forEach((words, index) => pen.fillText(words, PADDING, top + (index + 0.5) * line));
    },
  };
}

function legendPart(pen: CanvasRenderingContext2D, chart: Chart | undefined, width: number): Part {
  const font = `400 12px ${FAMILY}`;
  const line = 22;
  pen.font = font;
  const rows = layOutLegend(chart, width, (text) => pen.measureText(text).width);
  return {
    height: rows.length > 0 ? GAP + rows.length * line : 0,
    draw: (top) => {
      pen.font = font;
      rows.forEach((row, index) => drawLegend(pen, row, { x: PADDING, y: top + GAP + (index + 0.5) * line }));
    },
  };
}
