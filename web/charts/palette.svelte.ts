import { MediaQuery } from 'svelte/reactivity';

const dark = new MediaQuery('(prefers-color-scheme: dark)');

export type Shade = 'mobile' | 'edge' | 'cloud' | 'offloading' | 'ink' | 'muted' | 'line' | 'card' | 'a' | 'b';

/** By scheme. Asking the browser makes it style all that has changed since the last frame, so each is asked for once. */
const shades = { light: new Map<Shade, string>(), dark: new Map<Shade, string>() };

/** A colour of `tokens.css` in the present scheme, as the canvas needs it. */
export function shade(name: Shade): string {
  const known = dark.current ? shades.dark : shades.light;
  const colour = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  known.set(name, colour);
  return colour;
}

/** How a curve is drawn. */
export interface Stroke {
  readonly colour: string;
  /** Lengths of dash and gap in pixels; none for a full line. */
  readonly dash: readonly number[];
}
