import type { Words } from '../en';
import { localised } from '../numbers.svelte';

/** Of fields and parameters, by what they are called in English. Those of single policies stay as in their papers. */
const NAMES: Readonly<Record<string, string>> = {
  'Mobile layers': 'Schichten auf diesem Gerät',
  'Edge layers': 'Schichten bis zum Edge',
  'Mobile layer': 'Schicht auf diesem Gerät',
  'Edge layer': 'Schicht am Edge',
  'Cloud layer': 'Schicht in der Cloud',
  'Mobile → edge': 'Dieses Gerät → Edge',
  'Edge → cloud': 'Edge → Cloud',
  'Mobile → cloud': 'Dieses Gerät → Cloud',
  'Round trip': 'Umlaufzeit',
  Up: 'Hinauf',
  Down: 'Herab',
  Jitter: 'Schwankung',
  'Edge → cloud round trip': 'Umlaufzeit Edge → Cloud',
  'Mobile threshold': 'Schwelle auf diesem Gerät',
  'Edge threshold': 'Schwelle am Edge',
  'Cloud threshold': 'Schwelle in der Cloud',
  Threshold: 'Schwelle',
  Patience: 'Geduld',
  'Seed of the stream': 'Startwert des Stroms',
  Passes: 'Durchgänge',
  Delay: 'Verzögerung',
  Seed: 'Startwert',
  'Allowed loss': 'Erlaubter Verlust',
  'Compute saved': 'Ersparnis',
  'Cost weight': 'Kostengewicht',
  Exploration: 'Erkundung',
  'A sentence that is less sure at the split layer goes to the cloud.':
    'Ein Satz, der an der Schicht der Teilung weniger sicher ist, geht in die Cloud.',
  'What one layer on the cloud takes from the reward of a sentence.':
    'Was eine Schicht in der Cloud vom Lohn eines Satzes nimmt.',
  'Cloud’s share': 'Anteil der Cloud',
  'How much of the cloud’s own layers the reward is charged for: 1 for each in full, 0 for none, as in the paper.':
    'Wie viel von den Schichten der Cloud dem Lohn berechnet wird: 1 für jede ganz, 0 für keine, wie im Aufsatz.',
  'The higher, the longer choices are tried that have earned less so far.':
    'Je höher, desto länger werden Wahlen probiert, die bisher weniger verdient haben.',
  'Wi-Fi': 'WLAN',
  Offline: 'Ohne Netz',
  Custom: 'Eigenes Netz',
  'How sure one exit is': 'Wie sicher ein Ausgang ist',
  'How layers follow each other': 'Wie Schichten aufeinander folgen',
  'Answers of several tiers': 'Antworten mehrerer Stufen',
  'Chosen before computing': 'Vor dem Rechnen gewählt',
  'Fitted on calibration data': 'An Kalibrierdaten angepasst',
  Baselines: 'Vergleichsmaßstäbe',
  'A sentence leaves at the first layer of this tier whose confidence reaches the threshold.':
    'Ein Satz wird an der ersten Schicht dieser Stufe beantwortet, deren Konfidenz die Schwelle erreicht.',
};

export const settings: Words['settings'] = {
  named: (english) => NAMES[english] ?? english,
  set: (label, value) => `${NAMES[label] ?? label} ${localised(`${value}`)}`,
  task: 'Aufgabe',
  calibrated: 'Kalibrierte Schwellen',
  calibratedHint: 'An den Kalibrierdaten gewählt, für diese Aufgabe und die vorgegebene Aufteilung der Schichten',
  show: 'Zeigen',
  auroc: {
    name: (auroc) => `AUROC ${auroc}`,
    hint: (layer) =>
      `Wie gut die Konfidenz an den Kalibrierdaten richtige Antworten von falschen trennt, am Ausgang nach Schicht ${layer}, dem letzten hier: wie wahrscheinlich eine richtige Antwort sicherer ist als eine falsche. 0,5 ist gar nicht, 1 ganz.`,
  },
  twins:
    'Bei zwei Klassen ordnen Konfidenz, Abstand und Entropie die Sätze gleich: Jede Schwelle der einen hat in den anderen ihren Zwilling.',
  split: {
    title: 'Welche Schichten wo laufen',
    none: 'keine',
    rest: (layers) => `Den Rest rechnet die Cloud: ${layers}.`,
  },
  costs: {
    title: 'Kostengewichte',
    unit: 'In [costUnit|Einheiten einer Schicht in der Cloud]: λ für eine Schicht, o für einen [offloading|Übergang] zwischen Stufen.',
    chart: 'Was ein Satz kostet',
    chartName: 'Ersparnis',
    axis: 'mittlere Kosten, in Cloud-Schichten',
    none: 'Noch keine Kosten.',
    allCloud: 'Alles in der Cloud',
    offloading: 'Übergänge',
    layersOf: { mobile: 'Schichten auf diesem Gerät', edge: 'Schichten am Edge', cloud: 'Schichten in der Cloud' },
    both: (all, policy, mean) => `Alles in der Cloud: ${all}. ${policy}: ${mean}.`,
    saving: (share) => `Ersparnis: ${share}.`,
    part: (name, cost) => `${name}: ${cost}.`,
  },
  network: {
    title: 'Netz',
    note: 'Zeiten und Energie sind für dieses Netz modelliert. Was hier läuft, wird davon nicht langsamer.',
    offline: 'Nichts geht über: Dieses Gerät rechnet jede Schicht, die ein Satz braucht.',
    layer: (tokens) => `Eine Schicht, für ${tokens} Tokens`,
    takeMeasured: 'Nehmen, was hier gemessen wurde',
    yours: 'Die Zeiten oben sind Ihre.',
    sources: {
      sentences: (tiers) => `An Ihren Sätzen gemessen: ${tiers}.`,
      device: (tiers) => `Auf diesem Gerät gemessen: ${tiers}.`,
      assumed: (tiers) => `Angenommen: ${tiers}.`,
    },
  },
  device: {
    title: 'Gerät und Nutzlast',
    backend: 'Recheneinheit',
    automatic: 'Von selbst',
    weights: 'Gewichte',
    automaticWeights: (wasm, webgpu) => `Von selbst: ${wasm} auf WASM, ${webgpu} auf WebGPU`,
    payload: 'Nutzlast eines verborgenen Zustands',
    coded: (bytes) => `codiert, höchstens ${bytes} Bytes je Token`,
    plain: (kind, bytes) => `${kind}, ${bytes} Bytes je Token`,
    noCodecs: 'Diesem Modell fehlen die Dateien, die codierte Nutzlasten brauchen.',
    learned: (layers) => `Diese Nutzlast ist für das gelernt, was nach den Schichten ${layers} kommt.`,
    givesWay: (layers) =>
      `Nach Schicht ${layers}, wo Ihre Aufteilung auch übergeht, werden verborgene Zustände als int8 gesendet.`,
    note: 'Ein [hiddenState|verborgener Zustand] ist um ein Vielfaches größer als sein Text. Frühe Ausgänge sparen Rechenarbeit, Last in der Cloud und die Umlaufzeit der Sätze, die hier entschieden werden.',
  },
  texts: {
    tooMany: (lines) =>
      `${lines} Zeilen, zu viele, um sie hier zu bearbeiten: Das Feld zeigt ihren Anfang. „Los“ nimmt alle; wählen Sie alles aus und fügen Sie ein, um sie zu ersetzen.`,
    clear: 'Leeren',
    pair: 'Ein Paar hinzufügen',
    first: 'Erster Satz eines Paares',
    second: 'Zweiter Satz eines Paares',
    add: 'Paar hinzufügen',
  },
};
