import { MediaQuery } from 'svelte/reactivity';

const dark = new MediaQuery('(prefers-color-scheme: dark)');

export type Shade = 'mobile' | 'edge' | 'cloud' | 'offloading' | 'ink' | 'muted' | 'line' | 'card';

/** By scheme. Asking the browser makes it style all that has changed since the last frame, so each is asked for once. */
const shades = { light: new Map<Shade, string>(), dark: new Map<Shade, string>() };

/** A colour of `app.css` in the present scheme, as the canvas needs it. */
export function shade(name: Shade): string {
  const known = dark.current ? shades.dark : shades.light;
  const colour = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  known.set(name, colour);
  return colour;
}

/** Hues of curves, each for a light and for a dark card; none of them stands for a tier. */
const HUES = [
  ['#1f6fd0', '#6cabff'],
  ['#c2410c', '#ff9a5c'],
  ['#15803d', '#5fce86'],
  ['#a21caf', '#e58cf0'],
  ['#a16207', '#e5b94e'],
  ['#0e7490', '#4fc6dd'],
  ['#be123c', '#ff8296'],
  ['#5b5bd6', '#a9a6ff'],
  ['#5f7013', '#b9cc54'],
] as const;
const DASHES = [[], [7, 4], [2, 3]] as const;

export interface Stroke {
  readonly colour: string;
  /** Lengths of dash and gap in pixels; none for a full line. */
  readonly dash: readonly number[];
}

/** How the curve with this place in a fixed list is drawn, the same for ever: where hues begin anew, dashes differ. */
export function strokeOf(place: number): Stroke {
  const [light, dim] = HUES[place % HUES.length] ?? HUES[0];
  const dash = DASHES[Math.floor(place / HUES.length) % DASHES.length] ?? [];
  return { colour: dark.current ? dim : light, dash };
}
