import { MediaQuery } from 'svelte/reactivity';

const dark = new MediaQuery('(prefers-color-scheme: dark)');

export type Shade = 'mobile' | 'edge' | 'cloud' | 'offloading' | 'ink' | 'muted' | 'line' | 'card';

/** A colour of `app.css` as the canvas needs it; read again when the scheme changes. */
export function shade(name: Shade): string {
  void dark.current;
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
