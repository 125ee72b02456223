import { compare } from './compare';
import { data } from './data';
import { exporting } from './export';
import { play } from './play';
import { print } from './print';
import { results } from './results';
import { settings } from './settings';
import { share } from './share';
import { shell } from './shell';
import { timeline } from './timeline';

/** All strings of the page, a file for each of its rooms. Other languages have the same shape. */
export const en = { shell, play, results, data, settings, exporting, print, share, timeline, compare };

export type Words = typeof en;
