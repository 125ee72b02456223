import type { Words } from '../en';
import { play } from './play';
import { shell } from './shell';

export const de: Words = { shell, play };
