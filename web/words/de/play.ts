import type { Words } from '../en';

export const play: Partial<Words['play']> = {
  claim: 'Die meisten Sätze brauchen nicht das ganze Netz.',
};
