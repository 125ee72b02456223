import type { LaterWords } from '../later';

export const tour: LaterWords['tour'] = {
  label: 'Ein Rundgang',
  step: (step, of) => `${step} von ${of}`,
  next: 'Weiter',
  back: 'Zurück',
  skip: 'Überspringen',
  done: 'Fertig',
  steps: {
    input: {
      title: 'Sagen Sie etwas',
      text: 'Schreiben Sie einen eigenen Satz oder nehmen Sie ein Beispiel, und lassen Sie ihn laufen.',
    },
    hero: {
      title: 'Er steigt',
      text: 'Das Netz hat seine Schichten eine nach der anderen: die ersten auf diesem Gerät, dann am Edge, dann in der Cloud. Ein Satz wird beantwortet, sobald er entschieden ist.',
    },
    threshold: {
      title: 'Wie sicher muss es sein?',
      text: 'Eine niedrige Schwelle antwortet früh und billig, eine hohe spät und vorsichtig. Verschieben Sie sie: Alles Bekannte wird sofort neu entschieden.',
    },
    bar: {
      title: 'Was das bringt',
      text: 'Die Ersparnis gegenüber „alles in der Cloud“, und wie viele Antworten richtig sind.',
    },
    results: {
      title: 'Satz für Satz',
      text: 'Jede Zeile sagt, wo ihr Satz beantwortet wurde. Öffnen Sie eine, um zu sehen, wie sicher jede Schicht war.',
    },
  },
};
