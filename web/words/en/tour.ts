/** Five steps on the first page. */
export const tour = {
  label: 'A look around',
  step: (step: string, of: string) => `${step} of ${of}`,
  next: 'Next',
  back: 'Back',
  skip: 'Skip',
  done: 'Done',
  steps: {
    input: { title: 'Say something', text: 'Type a sentence of your own, or take an example, and run it.' },
    hero: {
      title: 'It climbs',
      text: 'The network has its layers one after the other: the first on this device, then at the edge, then in the cloud. A sentence is answered as soon as it is settled.',
    },
    threshold: {
      title: 'How sure must it be?',
      text: 'A low threshold answers early and cheaply, a high one late and carefully. Move it: everything known is decided anew at once.',
    },
    bar: {
      title: 'What that brings',
      text: 'Compute saved against running all in the cloud, and how many answers are right.',
    },
    results: {
      title: 'Sentence by sentence',
      text: 'Each row says where it was answered. Open one to see how sure every layer was.',
    },
  },
};
