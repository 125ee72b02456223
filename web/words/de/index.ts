import { en, type Words } from '../en';
import { play } from './play';
import { share } from './share';
import { shell } from './shell';
import { timeline } from './timeline';

export const de: Words = {
  ...en,
  shell: { ...en.shell, ...shell },
  play: { ...en.play, ...play },
  share: { ...en.share, ...share },
  timeline,
};
