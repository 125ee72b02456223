import type { Words } from '../en';

export const play: Words['play'] = {
  claim: 'Die meisten Sätze brauchen nicht das ganze Netz.',
};
