import { en, type Words } from '../en';
import { data } from './data';
import { exporting } from './export';
import { play } from './play';
import { print } from './print';
import { results } from './results';
import { settings } from './settings';
import { share } from './share';
import { shell } from './shell';
import { timeline } from './timeline';

export const de: Words = {
  ...en,
  shell: { ...en.shell, ...shell },
  play: { ...en.play, ...play },
  results: { ...en.results, ...results },
  data,
  settings,
  exporting,
  print,
  share: { ...en.share, ...share },
  timeline: { ...en.timeline, ...timeline },
};
