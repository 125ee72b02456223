import { en, type Words } from '../en';
import { compare } from './compare';
import { file } from './file';
import { play } from './play';
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
  file,
  settings,
  share: { ...en.share, ...share },
  compare: { ...en.compare, ...compare },
  timeline: { ...en.timeline, ...timeline },
};
