import type { Words } from '../en';

export const device: Words['device'] = {
  title: 'Dieses Gerät',
  measure: 'Dieses Gerät messen',
  again: 'Noch einmal messen',
  what: 'Etwa fünf Sekunden: WASM und WebGPU, Threads und Gewichte, je an kurzen und langen Texten.',
  surveying: 'Sieht nach, was gemessen werden kann …',
  measuring: (done, of) => `Misst ${done + 1} von ${of} …`,
  cancel: 'Abbrechen',
  ask: (bytes) => `Um alle Gewichte zu vergleichen, fehlen in diesem Browser noch ${bytes}.`,
  fetch: (bytes) => `${bytes} holen`,
  without: 'Messen, was hier ist',
  problems: {
    busy: 'Es laufen Sätze. Warten Sie auf sie oder halten Sie sie an, und messen Sie dann: Daneben wären es die Zeiten von beidem.',
    cancelled: 'Abgebrochen: Nichts davon wurde behalten.',
    'gave way': 'Es begannen Sätze zu laufen; darum endete die Messung, und nichts davon wurde behalten.',
  },
  measuredOn: (date) => `Gemessen am ${date}`,
  chosen: (configuration, ms, tokens) =>
    `${configuration} war am schnellsten: ${ms} je Schicht von ${tokens} Tokens. „Von selbst“ nimmt es ab dem nächsten Besuch.`,
  chosenNow: (configuration, ms, tokens) =>
    `${configuration} war am schnellsten: ${ms} je Schicht von ${tokens} Tokens. „Von selbst“ nimmt es.`,
  useNow: 'Jetzt nehmen',
  forget: 'Vergessen',
  notKept: 'Dieser Browser behält nichts für diese Seite; mit diesem Besuch ist es vergessen.',
  noGpu: (reason) => `WebGPU wurde nicht gemessen. ${reason}`,
  skipped: (configuration, reason) => `${configuration} konnte nicht gemessen werden: ${reason}`,
  configuration: ({ backend, threads, variant }) =>
    backend === 'webgpu'
      ? `WebGPU · ${variant}`
      : `WASM · ${threads} ${threads === 1 ? 'Thread' : 'Threads'} · ${variant}`,
  checks: {
    same: 'Dieselben Klassen wie WASM',
    other: 'Andere Klassen als WASM: nicht gewählt',
    unchecked: 'Klassen nicht mit WASM verglichen: nicht gewählt',
  },
  table: 'Zeit einer Schicht auf diesem Gerät',
  runtime: ({ backend, variant }) => `${backend === 'webgpu' ? 'WebGPU' : 'WASM'} · ${variant}`,
  threads: ({ backend, threads }) =>
    backend === 'webgpu' ? 'auf der GPU' : `${threads} ${threads === 1 ? 'Thread' : 'Threads'}`,
  columns: { runsOn: 'Läuft auf', cold: 'Kalt', warm: 'Warm, nach Tokens', tokens: String, other: 'Anderes Gerät' },
  coldHint:
    'Vom Öffnen der Datei einer Schicht bis zu ihrer ersten Antwort, einmal; die anderen sind Mediane warmer Läufe, je eine Schicht.',
  copyJson: 'JSON kopieren',
  copyCsv: 'CSV kopieren',
  copied: 'Kopiert',
  notCopied: 'Der Browser ließ es nicht kopieren.',
  compare: 'Mit einem anderen Gerät vergleichen',
  paste: 'Was „JSON kopieren“ dort gab',
  otherModel: 'Es wurde mit anderen Gewichten gemessen, als diese Seite hat.',
  times: (factor) => `dort ${factor}-mal so lang`,
  unknown: 'dort nicht gemessen',
};
