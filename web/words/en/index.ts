import { data } from './data';
import { play } from './play';
import { results } from './results';
import { shell } from './shell';

/** All strings of the page, a file for each of its rooms. Other languages have the same shape. */
export const en = { shell, play, results, data };

export type Words = typeof en;
