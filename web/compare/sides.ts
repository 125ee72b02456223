import type { Configuration } from '../state/Configuration';

/** The two configurations that are compared: A is the page's own. */
export const SIDES = ['a', 'b'] as const;
export type Side = (typeof SIDES)[number];
export type Sides = Readonly<Record<Side, Configuration>>;
