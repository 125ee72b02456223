/** The route “Your data”, and what is said of a file elsewhere. */
export const data = {
  title: 'Your data',
};
