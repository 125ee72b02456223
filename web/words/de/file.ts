import type { Words } from '../en';

export const file: Words['file'] = {
  notLoaded:
    'Der Dialog für Dateien konnte nicht geladen werden. Laden Sie die Seite neu, um es noch einmal zu versuchen; was Sie geschrieben haben, bleibt.',
  cannotOpen: 'Diese Datei lässt sich nicht öffnen',
  close: 'Schließen',
  reading: (name) => `${name} wird gelesen …`,
  lead: (rows) =>
    `${rows} Zeilen. Sehen Sie nach, was verstanden wurde, berichtigen Sie es, und lassen Sie sie laufen.`,
  seemLabelled: 'Diese Zeilen scheinen Antworten zu tragen, die nicht zu den Texten gehören.',
  asSentences: 'Ganze Zeilen als Sätze nehmen',
  task: 'Aufgabe',
  status: 'Zeilen, die passen',
  fit: (rows) => `${rows} Zeilen passen.`,
  howFar: 'Wie weit',
  through: (layers) => `Durch alle ${layers} Schichten`,
  throughNote: 'Jeder Ausgang wird aufgezeichnet, und der Vergleich kann alle Strategien an Ihren Zeilen messen.',
  until: 'Bis jede Zeile entschieden ist',
  untilNote: (policy) =>
    `Schneller, mit „${policy}“, wie sie eingestellt ist. Gibt Ergebnisse, aber nichts zu vergleichen.`,
  cancel: 'Abbrechen',
  run: (rows) => `${rows} Zeilen laufen lassen`,
  columns: {
    first: 'Erster Satz',
    second: 'Zweiter Satz',
    one: 'Satz',
    choose: 'Eine Spalte wählen',
    label: 'Richtige Antwort',
    noLabels: 'Keine Antworten',
  },
  labels: {
    title: 'Was die Antworten bedeuten',
    rows: (count, isOne) => `${count} ${isOne ? 'Zeile' : 'Zeilen'}`,
    meaning: (word) => `Bedeutung von ${word}`,
    open: 'sagen, was es bedeutet',
    leaveOut: 'diese Zeilen weglassen',
  },
  preview: { label: 'Erste Zeilen', entry: 'Eintrag', line: 'Zeile', sentence: (number) => `Satz ${number}` },
  written: {
    separated: 'Spalten sind getrennt durch',
    by: { '\t': 'Tabulatoren', ',': 'Kommas', ';': 'Semikolons', '|': 'senkrechte Striche', ' ': 'Leerzeichen' },
    quoted: 'Felder können in Anführungszeichen stehen',
    header: 'Die erste Zeile ist eine Überschrift',
    divides: (sign) => `Das Zeichen (${sign}) trennt Spalten`,
    belongs: 'Es gehört zu den Texten',
  },
  misfits: {
    leftOut: (count, isOne) =>
      isOne ? `${count} Zeile passt nicht und bleibt weg` : `${count} Zeilen passen nicht und bleiben weg`,
    noAnswer: (count, isOne) =>
      isOne ? `${count} Zeile gab keine Antwort und bleibt weg` : `${count} Zeilen gaben keine Antwort und bleiben weg`,
    more: (count) => `Und ${count} weitere.`,
  },
  otherWay: (rows, reason) => `${rows} Zeilen nahmen einen anderen Weg: ${reason}`,
};
