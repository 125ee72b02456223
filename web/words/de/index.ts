import type { Words } from '../en';
import { phraseBook } from '../phrases';
import { data } from './data';
import { device } from './device';
import { exporting } from './export';
import { file } from './file';
import { PHRASES } from './phrases';
import { play } from './play';
import { print } from './print';
import { results } from './results';
import { settings } from './settings';
import { share } from './share';
import { shell } from './shell';
import { timeline } from './timeline';

/** A string that English has and German lacks is a type error. */
export const de: Words = {
  said: phraseBook(PHRASES, (number) => number.replaceAll(/[.,]/g, (mark) => (mark === '.' ? ',' : '.'))),
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
  device,
};
