import { play } from './play';
import { share } from './share';
import { shell } from './shell';

/** All strings of the page, a file for each of its rooms. Other languages have the same shape. */
export const en = { shell, play, share };

export type Words = typeof en;
