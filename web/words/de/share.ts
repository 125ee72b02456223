import type { Words } from '../en';

export const share: Words['share'] = {
  button: 'Teilen',
  menu: 'Diese Ansicht weitergeben',
  withResults: 'Mit Ergebnissen',
  runFirst: 'Lassen Sie Ihre Sätze laufen, um Ergebnisse mitzuschicken.',
  runAgain: 'Die Sätze wurden nach dem Lauf geändert: Lassen Sie sie noch einmal laufen, um Ergebnisse mitzuschicken.',
  whatGoesAlong: (answered, lines) =>
    `Schicht, Antwort und Konfidenz von ${answered} von ${lines} Zeilen, zu sehen, bevor etwas berechnet ist.`,
  lengths: (whole, without) => `Mit ihnen hat der Link ${whole}, ohne sie ${without}.`,
  characters: (count) => `${count} Zeichen`,
  tooLong: 'zu viele',
  copyLink: 'Link kopieren',
  inLink: 'Alle Einstellungen und Sätze stehen im Link. Kein Server sieht sie.',
  inLinkWithResults: 'Alle Einstellungen, Sätze und Ergebnisse stehen im Link. Kein Server sieht sie.',
  shortLink: 'Kurzer Link',
  kept: (what, isForNow) =>
    `Dieser Server behält dann ${what}${isForNow ? ', bis er neu gestartet wird' : ''}, für alle, die den Link haben.`,
  keptThings: { plain: 'Einstellungen und Sätze', withResults: 'Einstellungen, Sätze und Ergebnisse' },
  noShortLinks: 'Keine kurzen Links: Unter dieser Adresse gibt es keinen Server, der sie behält.',
  askingForShortLinks: 'Es wird gefragt, ob dieser Server kurze Links behält …',
  embedCode: 'Einbettcode',
  inEmbed: 'Ein Rahmen mit dieser Ansicht, für eine eigene Seite.',
  picture: 'Bild',
  inPicture:
    'Ein PNG dieser Einstellungen und dessen, was sie an den aufgezeichneten Zeilen bewirken, für neben den Link. Seine Worte sind englisch.',
  noPicture:
    'Kein Bild: Die aufgezeichneten Zeilen sind nicht hier, oder diese Strategie lässt sich nicht auf sie anwenden.',
  made: { link: 'Link', short: 'Kurzer Link', embed: 'Einbettcode' },
  copied: (name) => `${name} kopiert`,
  toCopy: (name) => `${name}, von hier zu kopieren: Der Browser lässt die Seite es nicht tun.`,
  long: (length, most, hasShortLinks) =>
    `Dieser Link hat ${length} Zeichen: Viele Programme schneiden ihn nach ${most} ab. ${hasShortLinks ? 'Nehmen Sie einen kurzen Link' : 'Teilen Sie weniger Sätze'}, oder schicken Sie die Ergebnisse als Datei: Export, an der Tabelle.`,
  sent: {
    title: 'Die Ergebnisse des Absenders.',
    note: 'Sie kamen mit dem Link; „Los“ berechnet sie hier.',
    moved: 'Sie gelten für andere Einstellungen als die jetzigen: Erst ein Lauf hier sagt, was diese ergeben.',
    status: 'mit dem Link geschickt',
    needsRun: 'braucht einen Lauf hier: wurde für andere Einstellungen geschickt',
    noAnswer: 'ohne Antwort geschickt: braucht einen Lauf hier',
    noExits: 'Mit dem Link geschickt. „Los“ zeigt hier, wie sicher jeder Ausgang ist.',
  },
};
