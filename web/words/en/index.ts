import { data } from './data';
import { device } from './device';
import { exporting } from './export';
import { file } from './file';
import { play } from './play';
import { print } from './print';
import { results } from './results';
import { settings } from './settings';
import { share } from './share';
import { shell } from './shell';
import { timeline } from './timeline';

/** English is what is said below the page. */
const said = (english: string) => english;

/** All strings of the page, a file for each of its rooms. Other languages have the same shape. */
export const en = { said, shell, play, results, data, file, settings, exporting, print, share, timeline, device };

export type Words = typeof en;
