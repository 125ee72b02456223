import type { Words } from '../en';
import { compare } from './compare';
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

/** A string that English has and German lacks is a type error. */
export const de: Words = {
  shell,
  play,
  results,
  data,
  file,
  settings,
  exporting,
  print,
  share,
  timeline,
  compare,
  device,
};
