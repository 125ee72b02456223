/** The first route. */
export const play = {
  claim: 'Most sentences don’t need the whole network.',
};
