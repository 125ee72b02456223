import { uint8ArrayToBase64 } from 'uint8array-extras';
import interUrl from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import type { Caption } from '../charts/chart-picture';
import { shade } from '../charts/palette.svelte';
import { escapeHtml } from '../../core/view/html';

/** A drawing as SVG, with its size in CSS pixels. */
export interface Drawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** What the page's styles give a shape or a text, and nobody else has. */
const OF_SHAPES = ['fill', 'stroke', 'stroke-width', 'stroke-linecap', 'opacity'];
const OF_TEXTS = ['fill', 'font-size', 'font-weight', 'text-anchor'];
const SHAPES: readonly string[] = ['rect', 'path', 'line', 'circle'];
const COLOURS: readonly string[] = ['fill', 'stroke'];
const FAMILY = 'Inter, ui-sans-serif, system-ui, sans-serif';
const PADDING = 20;
const HEAD = 56;
/** Pictures end up in slides and on paper. */
const SCALE = 2;

/** What an `<svg>` of the page shows, with its styles in it, below a title and the settings it was drawn from. */
export function drawingOf(shown: SVGSVGElement, { title, settings }: Caption): Drawing {
  const copy = shown.cloneNode(true) as SVGSVGElement;
  const plain = plainColours();
  const originals = shown.querySelectorAll<SVGElement>('*');
  copy.querySelectorAll<SVGElement>('*').forEach((element, index) => {
    const original = originals[index];
    if (original) takeStyles(element, getComputedStyle(original), plain);
  });
  copy.removeAttribute('class');
  const drawn = new XMLSerializer().serializeToString(copy).replaceAll('<!---->', '');
  const [width, height] = [shown.clientWidth + 2 * PADDING, shown.clientHeight + HEAD + 2 * PADDING];
  const line = (y: number, words: string, size: number, weight: number, colour: string) =>
    `<text x="${PADDING}" y="${PADDING + y}" font-size="${size}" font-weight="${weight}" fill="${colour}">${escapeHtml(words)}</text>`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FAMILY}">`,
    `<rect width="${width}" height="${height}" fill="${plain(shade('card'))}"/>`,
    line(14, title, 16, 620, plain(shade('ink'))),
    line(36, settings, 12, 400, plain(shade('muted'))),
    `<g transform="translate(${PADDING} ${PADDING + HEAD})">${drawn}</g>`,
    '</svg>',
  ].join('\n');
  return { svg, width, height };
}

/** The drawing as PNG, in the page's typeface. */
export async function pngOf({ svg, width, height }: Drawing): Promise<Blob> {
  const image = new Image(width * SCALE, height * SCALE);
  const source = URL.createObjectURL(new Blob([await withFont(svg)], { type: 'image/svg+xml' }));
  try {
    image.src = source;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    if (!blob) throw new Error('The browser could not write this picture.');
    return blob;
  } finally {
    URL.revokeObjectURL(source);
  }
}

function takeStyles(element: SVGElement, styles: CSSStyleDeclaration, plain: (colour: string) => string): void {
  element.removeAttribute('class');
  const names = element.localName === 'text' ? OF_TEXTS : SHAPES.includes(element.localName) ? OF_SHAPES : [];
  for (const name of names) {
    const value = styles.getPropertyValue(name);
    element.setAttribute(name, COLOURS.includes(name) ? plain(value) : value);
  }
}

/** Colours as every program reads them: `color-mix()` and its results are known to browsers alone. */
function plainColours(): (colour: string) => string {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  return (colour) => {
    if (!pen || colour === 'none') return colour;
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  };
}

/** A picture does not see the page's typefaces, so it brings its own. Without one the system's stands in. */
async function withFont(svg: string): Promise<string> {
  try {
    const bytes = new Uint8Array(await (await fetch(interUrl)).arrayBuffer());
    const face = `@font-face{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,${uint8ArrayToBase64(bytes)})}`;
    return svg.replace('>', `><style>${face}</style>`);
  } catch {
    return svg;
  }
}
