import { play } from './play';
import { shell } from './shell';

/** All strings of the page, a file for each of its rooms. Other languages have the same shape. */
export const en = { shell, play };

export type Words = typeof en;
