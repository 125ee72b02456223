import type { SpanName } from '../../../core/ladder/spans';
import type { Words } from '../en';

const SPANS: Readonly<Record<Exclude<SpanName, 'layer'>, string>> = {
  tokenize: 'Text in Tokens',
  embed: 'Tokens in Vektoren',
  queue: 'wartet, bis er an der Reihe ist',
  wait: 'wartet auf die Leitung',
  other: 'wartet auf das Modell, und Pausen',
  encode: 'schreibt den verborgenen Zustand',
  decode: 'liest den verborgenen Zustand',
  'wire up': 'auf dem Hinweg',
  'wire down': 'auf dem Rückweg',
  'decode answer': 'liest die Antwort',
};

export const timeline: Words['timeline'] = {
  title: 'Wohin die Zeit ging',
  lanes: { mobile: 'Dieses Gerät', wire: 'Unterwegs', edge: 'Edge', cloud: 'Cloud' },
  span: (name, layer) => (name === 'layer' ? `Schicht ${layer}` : SPANS[name]),
  layersOn: { mobile: 'Schichten hier', edge: 'Schichten am Edge', cloud: 'Schichten in der Cloud' },
  others: {
    text: 'den Text lesen',
    payload: 'schreiben und lesen, was übergeht',
    wire: 'unterwegs',
    waiting: 'warten',
  },
  total: (total) => `${total} vom Aufruf bis zur Antwort`,
  moment: (span, lane, duration, start) => `${span} · ${lane} · ${duration}, nach ${start}`,
  hint: 'Zeigen Sie auf einen Teil, oder gehen Sie mit den Pfeiltasten durch.',
  beyond: 'Blasse Schichten liefen für frühere Einstellungen; dieser Satz ist jetzt vor ihnen entschieden.',
  again: (runs) => `Er wurde ${runs}-mal weitergeführt; die Ruhe dazwischen ist weggelassen.`,
  silent: (tiers) => `${tiers} hat eigenes Warten und Lesen nicht gemeldet: Es zählt als unterwegs.`,
  clocks:
    'Uhren verschiedener Rechner werden nie verglichen: Was eine fernere Stufe meldet, liegt innerhalb des Umlaufs zu ihr, und was davon übrig bleibt, war unterwegs, halb hin und halb zurück. Innerhalb eines Rechners ist die Reihenfolge bekannt, und seine Pausen sind vor seine Schichten gezeichnet.',
  table: 'Als Tabelle',
  columns: { part: 'Teil', where: 'Wo', start: 'Ab', duration: 'Dauert' },
  save: 'Zeitverlauf für Perfetto (JSON)',
  saveHint: 'Jeder Satz des Laufs als Trace Event JSON, das ui.perfetto.dev öffnet',
};
