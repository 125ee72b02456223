import type { Phrase } from '../phrases';

/** What comes from `core/`, `worker/` and the page’s own state in English. The test reads there that each of them is still said. */
export const PHRASES: readonly Phrase[] = [
  // What a policy needs.
  [
    'numbers fitted on the calibration split, which this model does not bring for this task',
    'an Kalibrierdaten angepasste Zahlen, die dieses Modell für diese Aufgabe nicht mitbringt',
  ],
  [
    'a recorded calibration split, which this model does not bring for this task',
    'aufgezeichnete Kalibrierdaten, die dieses Modell für diese Aufgabe nicht mitbringt',
  ],
  [
    'a recorded dev split, which this model does not bring for this task',
    'aufgezeichnete Dev-Daten, die dieses Modell für diese Aufgabe nicht mitbringt',
  ],
  [
    'hidden states from layer to layer, which were not recorded here',
    'verborgene Zustände von Schicht zu Schicht, die hier nicht aufgezeichnet sind',
  ],
  [
    'distances to its pools, which were not recorded here',
    'Abstände zu ihren Pools, die hier nicht aufgezeichnet sind',
  ],
  ['a seed for each sample, which this one does not have', 'einen Startwert je Beispiel, den dieses nicht hat'],
  ['the right labels, which are not known here', 'die richtigen Antworten, die hier nicht bekannt sind'],
  ['“{0}” needs {1}. Choose another policy.', '„{0}“ braucht {1}. Wählen Sie eine andere Strategie.'],
  [
    'The devices decide all of the recorded samples: no edge is needed.',
    'Die Geräte entscheiden alle aufgezeichneten Beispiele: Es braucht keine Edge.',
  ],
  [
    'Even at a sample a second it takes longer than that. Allow more time.',
    'Schon bei einem Beispiel in der Sekunde dauert es länger. Geben Sie mehr Zeit.',
  ],

  // What could not be fetched, or does not answer.
  [
    'The recorded dev split could not be loaded: {0}',
    'Die aufgezeichneten Dev-Daten konnten nicht geladen werden: {0}',
  ],
  ['What “{0}” needs could not be loaded: {1} {2}', 'Was „{0}“ braucht, konnte nicht geladen werden: {1} {2}'],
  ['Try again, or choose another policy.', 'Versuchen Sie es noch einmal, oder wählen Sie eine andere Strategie.'],
  [
    'What policies of this task were fitted to could not be loaded: {0}',
    'Woran die Strategien dieser Aufgabe angepasst wurden, konnte nicht geladen werden: {0}',
  ],
  ['Nothing has come for {#0} seconds.', 'Seit {0} Sekunden ist nichts gekommen.'],
  ['No byte came for {#0} s.', 'Seit {0} s ist kein Byte gekommen.'],
  ['The server answered {#0}.', 'Der Server antwortete {0}.'],
  [
    '{0} arrived damaged. Reload the page to fetch it again.',
    '{0} kam beschädigt an. Laden Sie die Seite neu, um es noch einmal zu holen.',
  ],
  [
    '{0} could not be fetched. Is the server still there? {1}',
    '{0} konnte nicht geholt werden. Ist der Server noch da? {1}',
  ],
  [
    'The server that keeps short links cannot be reached. Try again later.',
    'Der Server, der kurze Links aufbewahrt, ist nicht zu erreichen. Versuchen Sie es später noch einmal.',
  ],
  ['The {0} tier at {1} does not answer.', '{0} unter {1} antwortet nicht.'],
  ['The {0} tier did not answer in time.', '{0} antwortete nicht rechtzeitig.'],
  [
    'The connection to the {0} tier broke twice with this sample on its way.',
    'Die Verbindung brach zweimal ab, während dieses Beispiel unterwegs war ({0}).',
  ],
  [
    'The queue is full: {#0} samples run and {#1} wait. Try again later.',
    'Die Warteschlange ist voll: {0} Beispiele laufen, {1} warten. Versuchen Sie es später noch einmal.',
  ],
  ['edge', 'Der Edge'],
  ['cloud', 'Die Cloud'],
  ['{0}, so the edge ran this device’s layers, too.', '{0}, also rechnete der Edge auch die Schichten dieses Geräts.'],
  [
    '{0}, so this device ran the deeper layers itself.',
    '{0}, also rechnete dieses Gerät die tieferen Schichten selbst.',
  ],
  ['The model was still loading on this device', 'Das Modell wurde auf diesem Gerät noch geladen'],
  ['The model was still loading on this device.', 'Das Modell wurde auf diesem Gerät noch geladen.'],
  ['No edge server is set', 'Kein Edge ist eingestellt'],
  ['No edge server is set.', 'Kein Edge ist eingestellt.'],
  ['The {0} tier at {1} does not answer', '{0} unter {1} antwortet nicht'],
  ['The {0} tier did not answer in time', '{0} antwortete nicht rechtzeitig'],
  ['None of {#0} tiers answers', 'Keiner von {0} Edges antwortet'],

  // Workers and devices.
  ['The worker failed: {0}.', 'Der Worker versagte: {0}.'],
  ['The worker could not be started.', 'Der Worker konnte nicht gestartet werden.'],
  ['The worker said what cannot be read.', 'Der Worker sagte etwas Unlesbares.'],
  ['The worker does not answer any more.', 'Der Worker antwortet nicht mehr.'],
  [
    'It was made anew, and what had no answer was sent again.',
    'Er wurde neu gemacht, und was keine Antwort hatte, wurde noch einmal gesendet.',
  ],
  ['The layers run on WASM now.', 'Die Schichten laufen jetzt auf WASM.'],
  ['The layers run on one thread now.', 'Die Schichten laufen jetzt auf einem Thread.'],
  ['The edge takes the texts now.', 'Die Texte nimmt jetzt der Edge.'],
  [
    'What computes for Compare could not be started. Try again, or reload the page.',
    'Was für den Vergleich rechnet, konnte nicht gestartet werden. Versuchen Sie es noch einmal, oder laden Sie die Seite neu.',
  ],
  ['The worker that measures could not be started.', 'Der messende Worker konnte nicht gestartet werden.'],
  ['Nothing could be measured.', 'Es ließ sich nichts messen.'],
  ['What it needs was not fetched.', 'Was nötig ist, wurde nicht geholt.'],
  [
    'This browser has no WebGPU, so the layers run on WASM.',
    'Dieser Browser hat kein WebGPU, also laufen die Schichten auf WASM.',
  ],
  [
    'WebGPU has not been tried in this browser, so the layers run on WASM. Choose WebGPU to try it.',
    'WebGPU ist in diesem Browser noch nicht versucht worden, also laufen die Schichten auf WASM. Wählen Sie WebGPU, um es zu versuchen.',
  ],
  [
    'No GPU adapter answers in this browser, so the layers run on WASM.',
    'In diesem Browser antwortet keine GPU, also laufen die Schichten auf WASM.',
  ],
  ['No GPU adapter answers in this browser.', 'In diesem Browser antwortet keine GPU.'],
  [
    'WebGPU was measured on {0}, and {1} answers now, so the layers run on WASM. Measure again.',
    'WebGPU ist auf {0} gemessen, und jetzt antwortet {1}; also laufen die Schichten auf WASM. Messen Sie noch einmal.',
  ],
  [
    'The only GPU adapter is software ({0}), so the layers run on WASM.',
    'Die einzige GPU ist Software ({0}), also laufen die Schichten auf WASM.',
  ],
  ['The only GPU adapter is software ({0}).', 'Die einzige GPU ist Software ({0}).'],
  [
    'The GPU adapter ({0}) gives no device, so the layers run on WASM.',
    'Die GPU ({0}) gibt kein Gerät, also laufen die Schichten auf WASM.',
  ],
  ['an adapter without a name', 'eine GPU ohne Namen'],

  // Links, and addresses.
  [
    'This link was made with a newer version of this page. What this version does not know is left out. Reload the page to see whether it has been updated.',
    'Dieser Link wurde mit einer neueren Fassung dieser Seite gemacht. Was diese nicht kennt, ist weggelassen. Laden Sie die Seite neu, um zu sehen, ob sie erneuert wurde.',
  ],
  [
    'This link was made with a newer version of this page. What this version does not know is left out ({0}). Reload the page to see whether it has been updated.',
    'Dieser Link wurde mit einer neueren Fassung dieser Seite gemacht. Was diese nicht kennt, ist weggelassen ({0}). Laden Sie die Seite neu, um zu sehen, ob sie erneuert wurde.',
  ],
  [
    'This link is damaged: {0}. The defaults stand in for what is missing.',
    'Dieser Link ist beschädigt: {0}. Für das, was fehlt, stehen die Vorgaben.',
  ],
  ['{0}, {1}', '{0}, {1}'],
  ['it names no version of a link', 'er nennt keine Fassung'],
  ['“{0}” cannot be read', '„{0}“ ist nicht zu lesen'],
  ['“{0}” must be from {#1} to {#2}', '„{0}“ muss von {1} bis {2} sein'],
  [
    'These sentences are too long for a link: {0}. Share fewer, or export the results.',
    'Diese Sätze sind zu lang für einen Link: {0}. Teilen Sie weniger, oder exportieren Sie die Ergebnisse.',
  ],
  ['a link holds {#0} characters of text, compressed to {#1}', 'ein Link fasst {0} Zeichen Text, verdichtet auf {1}'],
  [
    'The results that came with this link cannot be read and are left out. Press Run to compute them here.',
    'Die Ergebnisse, die mit diesem Link kamen, sind nicht zu lesen und weggelassen. „Los“ rechnet sie hier.',
  ],
  [
    'These results are too many for a link. Share fewer sentences, or export the results.',
    'Das sind zu viele Ergebnisse für einen Link. Teilen Sie weniger Sätze, oder exportieren Sie die Ergebnisse.',
  ],
  [
    'The results that came with this link are of {0}, and are left out. Press Run to compute them here.',
    'Die Ergebnisse, die mit diesem Link kamen, sind von {0} und weggelassen. „Los“ rechnet sie hier.',
  ],
  ['another version of the model {0}', 'einer anderen Fassung des Modells {0}'],
  ['another model, {0}', 'einem anderen Modell, {0},'],
  [
    'The results that came with this link are of {#0} lines, and its text has {#1}: they are left out. Press Run to compute them here.',
    'Die Ergebnisse, die mit diesem Link kamen, sind von {0} Zeilen, und sein Text hat {1}: Sie sind weggelassen. „Los“ rechnet sie hier.',
  ],
  [
    'The link brought other sentences. Back brings yours again.',
    'Der Link brachte andere Sätze. „Zurück“ bringt Ihre wieder.',
  ],
  [
    'As this page’s address says, its edge is {0}: what leaves this device goes there.',
    'Wie die Adresse dieser Seite sagt, ist ihr Edge {0}: Was dieses Gerät verlässt, geht dorthin.',
  ],
  [
    'As this page’s address says, its edges are {0} and {1}: what leaves this device goes there.',
    'Wie die Adresse dieser Seite sagt, sind ihre Edges {0} und {1}: Was dieses Gerät verlässt, geht dorthin.',
  ],
  ['The page goes on without an edge.', 'Die Seite geht ohne Edge weiter.'],
  ['The page asks its own edge instead.', 'Die Seite fragt stattdessen ihren eigenen Edge.'],

  // Lines, and how the model reads them.
  ['Line {#0} {1}.', 'Zeile {0} {1}.'],
  ['is too long: a sentence may have {#0} characters', 'ist zu lang: Ein Satz darf {0} Zeichen haben'],
  ['needs two sentences with one tab between them', 'braucht zwei Sätze mit einem Tabulator dazwischen'],
  ['has no sentence before its label', 'hat keinen Satz vor ihrem Label'],
  ['{0} {#1} more line is left out too.', '{0} Auch {1} weitere Zeile ist weggelassen.'],
  ['{0} {#1} more lines are left out too.', '{0} Auch {1} weitere Zeilen sind weggelassen.'],
  ['No sentence: the model has no known token in it.', 'Kein Satz: Das Modell kennt kein Token darin.'],
  [
    'No sentence: the model has no known token in one of its two texts.',
    'Kein Satz: Das Modell kennt kein Token in einem der beiden Texte.',
  ],
  ['read {#0} of {#1} tokens', '{0} von {1} Tokens gelesen'],
  ['read {#0} of {#1} tokens (both texts are cut)', '{0} von {1} Tokens gelesen (beide Texte sind gekürzt)'],
  ['read {#0} of {#1} tokens (the first text is cut)', '{0} von {1} Tokens gelesen (der erste Text ist gekürzt)'],
  ['read {#0} of {#1} tokens (the second text is cut)', '{0} von {1} Tokens gelesen (der zweite Text ist gekürzt)'],
  ['{#0} % unknown tokens', '{0} % unbekannte Tokens'],
  ['{#0} cut', '{0} gekürzt'],
  ['{#0} a third or more unknown', '{0} zu einem Drittel oder mehr unbekannt'],
  ['{#0} without a known token', '{0} ohne bekanntes Token'],

  // What may be chosen on the way.
  ['split after layer {#0}', 'Teilung nach Schicht {0}'],
  ['threshold {#0}', 'Schwelle {0}'],
  ['mobile, exit {#0}', 'Gerät, Ausgang {0}'],
  ['split {#0}, exit {#1}, {#2} bits', 'Teilung {0}, Ausgang {1}, {2} Bit'],
  ['mobile', 'Gerät'],

  // Files.
  ['Open one file at a time.', 'Öffnen Sie eine Datei nach der anderen.'],
  [
    'Rows of another file are being run. Let them end, or cancel them, and open this file then.',
    'Zeilen einer anderen Datei laufen. Lassen Sie sie enden, oder brechen Sie sie ab, und öffnen Sie dann diese Datei.',
  ],
  ['Pasted lines', 'Eingefügte Zeilen'],
  [
    'The run ended because the backend or the weights were changed. What was done before is kept.',
    'Der Lauf endete, weil Recheneinheit oder Gewichte geändert wurden. Was vorher fertig war, bleibt.',
  ],
  ['What the policy was fitted to is not here yet.', 'Woran die Strategie angepasst wurde, ist noch nicht hier.'],
  ['{0} Resume to try again.', '{0} „Fortsetzen“ versucht es noch einmal.'],
  ['No row was answered.', 'Keine Zeile wurde beantwortet.'],
  ['No row was answered. {0}', 'Keine Zeile wurde beantwortet. {0}'],
  [
    'No row fits. See below why, and choose other columns.',
    'Keine Zeile passt. Unten steht, warum; wählen Sie andere Spalten.',
  ],
  ['about {#0} s left', 'noch etwa {0} s'],
  ['about {#0} min left', 'noch etwa {0} min'],
  ['about {#0} h left', 'noch etwa {0} h'],
  ['Column {#0}', 'Spalte {0}'],
  ['Columns: {0}. Not used: {1}.', 'Spalten: {0}. Nicht gebraucht: {1}.'],
  ['Columns: {0}.', 'Spalten: {0}.'],
  ['{0}, the label is {1}', '{0}, das Label ist {1}'],
  ['{0}, there are no labels', '{0}, Labels gibt es keine'],
  ['sentence is {0}', 'Satz ist {0}'],
  ['sentence 1 is {0}, sentence 2 is {1}', 'Satz 1 ist {0}, Satz 2 ist {1}'],
  ['Labels: {0}.', 'Labels: {0}.'],
  ['{0} → left out ({1})', '{0} → weggelassen ({1})'],
  ['{0} → open ({1})', '{0} → offen ({1})'],
  ['{0} → {1} ({2})', '{0} → {1} ({2})'],
  ['{0}), {1}', '{0}), {1}'],
  ['1 row', '1 Zeile'],
  ['{#0} rows', '{0} Zeilen'],
  ['{0} without a label ({1}) left out.', '{0} ohne Label ({1}) weggelassen.'],
  ['No row is labelled {0}.', 'Keine Zeile hat das Label {0}.'],
  [
    'Its label column is empty, as in a test split: rows are run without labels, and nothing is said of accuracy.',
    'Ihre Label-Spalte ist leer, wie bei Testdaten: Zeilen laufen ohne Labels, und über Genauigkeit wird nichts gesagt.',
  ],
  [
    'Every label is {0}, which stands for none, as in a test split: rows are run without labels, and nothing is said of accuracy.',
    'Jedes Label ist {0}, was für keines steht, wie bei Testdaten: Zeilen laufen ohne Labels, und über Genauigkeit wird nichts gesagt.',
  ],
  [
    '{0} needs {1}, and this file has {2} to choose from. Choose another delimiter or task.',
    '{0} braucht {1}, und diese Datei hat {2} zur Wahl. Wählen Sie ein anderes Trennzeichen oder eine andere Aufgabe.',
  ],
  ['two columns of texts', 'zwei Spalten mit Texten'],
  ['a column of texts', 'eine Spalte mit Texten'],
  ['one column', 'eine Spalte'],
  ['{#0} columns', '{0} Spalten'],
  ['Each column can be chosen only once.', 'Jede Spalte kann nur einmal gewählt werden.'],
  [
    '“{0}” has more than {#1} different words, so it is no label column. Choose another, or “No labels”.',
    '„{0}“ hat mehr als {1} verschiedene Wörter und ist also keine Label-Spalte. Wählen Sie eine andere oder „Keine Labels“.',
  ],
  [
    'Many lines have a {0} with what may be a label beside it, but not all lines are alike. Say whether the {1} divides columns or belongs to the texts.',
    'In vielen Zeilen steht neben einem Zeichen ({0}) etwas, was ein Label sein kann, doch nicht alle Zeilen sind gleich. Sagen Sie, ob es Spalten trennt oder zu den Texten gehört.',
  ],
  ['Say what these labels are for {0}: {1}.', 'Sagen Sie, was diese Labels für {0} sind: {1}.'],
  ['{0}; {1}', '{0}; {1}'],
  ['“{0}” ({1}) {2}', '„{0}“ ({1}) {2}'],
  ['is open, since another word was given another class', 'ist offen, denn ein anderes Wort bekam eine andere Klasse'],
  ['names no class of this task ({0})', 'nennt keine Klasse dieser Aufgabe ({0})'],
  ['may mean {0}', 'kann {0} meinen'],
  [
    'may be a point on a scale, or −1 may stand for no label',
    'kann ein Punkt auf einer Skala sein, oder −1 steht für kein Label',
  ],
  [
    'is no number of a class: {#0} classes are numbered from 0 or from 1',
    'ist keine Nummer einer Klasse: {0} Klassen zählen von 0 oder von 1',
  ],
  ['may be numbered from 0 or from 1', 'kann von 0 oder von 1 zählen'],
  [
    'The labels seem to be in another order: if {0}, {1} rows would be right, not {#2}.',
    'Die Labels stehen wohl in anderer Reihenfolge: Wenn {0}, wären {1} Zeilen richtig, nicht {2}.',
  ],
  ['“{0}” meant {1} and {2}', '„{0}“ {1} meint und {2}'],
  ['“{0}” meant {1}', '„{0}“ {1} meint'],
  ['{#0} of {#1}', '{0} von {1}'],
  ['has {#0} fields where other rows have {#1}', 'hat {0} Felder, wo andere Zeilen {1} haben'],
  ['one of its two texts is missing', 'einer ihrer beiden Texte fehlt'],
  ['its text is missing', 'ihr Text fehlt'],
  ['has a text of more than {#0} characters', 'hat einen Text von mehr als {0} Zeichen'],
  ['its label is missing', 'ihr Label fehlt'],
  ['its label “{0}” counts as none', 'ihr Label „{0}“ gilt als keines'],
  ['its label “{0}” is not given a class', 'ihr Label „{0}“ hat keine Klasse bekommen'],
  [
    'a quotation mark is not closed, or stands where none may stand',
    'ein Anführungszeichen ist nicht geschlossen oder steht, wo keines stehen darf',
  ],
  ['“{0}” is empty. A row a line was expected.', '„{0}“ ist leer. Erwartet war eine Zeile je Eintrag.'],
  [
    '“{0}” has only empty lines. A row a line was expected.',
    '„{0}“ hat nur leere Zeilen. Erwartet war eine Zeile je Eintrag.',
  ],
  ['“{0}” has {1}; files of up to {2} can be read. {3}', '„{0}“ hat {1}; gelesen werden Dateien bis {2}. {3}'],
  [
    'Leave out columns that are not needed, or split it.',
    'Lassen Sie Spalten weg, die nicht nötig sind, oder teilen Sie sie.',
  ],
  [
    '“{0}” is not in UTF-8: line {#1} has bytes that are no letters. {2}',
    '„{0}“ ist nicht in UTF-8: Zeile {1} hat Bytes, die keine Buchstaben sind. {2}',
  ],
  [
    'Save it as UTF-8 (in Excel: “CSV UTF-8”), and open it again.',
    'Speichern Sie sie als UTF-8 (in Excel: „CSV UTF-8“), und öffnen Sie sie noch einmal.',
  ],
  ['“{0}” is {1}, and a table of text was expected. {2}', '„{0}“ ist {1}, und erwartet war eine Tabelle aus Text. {2}'],
  ['“{0}” {1}; a table of text was expected. {2}', '„{0}“ {1}; erwartet war eine Tabelle aus Text. {2}'],
  [
    'Export the table as CSV or TSV in UTF-8, and open that file.',
    'Exportieren Sie die Tabelle als CSV oder TSV in UTF-8, und öffnen Sie diese Datei.',
  ],
  ['Convert it with: {0}', 'Wandeln Sie sie um mit: {0}'],
  ['is not a text file', 'ist keine Textdatei'],
  ['does not have the name of a table', 'hat nicht den Namen einer Tabelle'],
  ['a picture', 'ein Bild'],
  ['a Parquet file', 'eine Parquet-Datei'],
  ['an old Excel workbook', 'eine alte Excel-Mappe'],
  ['a spreadsheet (Excel)', 'eine Tabelle (Excel)'],
  ['an archive (zip)', 'ein Archiv (zip)'],
  [
    'The file begins like JSON and cannot be read as such. Save it again, and open that.',
    'Die Datei beginnt wie JSON und ist als solches nicht zu lesen. Speichern Sie sie noch einmal, und öffnen Sie sie dann.',
  ],
  [
    'The file has several lists of rows: {0}. Save one of them alone.',
    'Die Datei hat mehrere Listen von Zeilen: {0}. Speichern Sie eine davon allein.',
  ],
  [
    'The file is JSON without a list of rows. An array of objects was expected.',
    'Die Datei ist JSON ohne eine Liste von Zeilen. Erwartet war ein Array von Objekten.',
  ],
  ['{#0} MB', '{0} MB'],

  ['tab', 'Tabulator'],
  ['comma', 'Komma'],
  ['semicolon', 'Strichpunkt'],

  // What tasks ask; the model’s manifest says it.
  ['Does the sentence speak well or badly of something?', 'Spricht der Satz gut oder schlecht von etwas?'],
  ['Is the sentence acceptable English?', 'Ist der Satz annehmbares Englisch?'],
  ['Do the two sentences say the same?', 'Sagen die beiden Sätze dasselbe?'],
  ['Do the two questions ask the same?', 'Fragen die beiden Fragen dasselbe?'],
  ['Does the second sentence follow from the first?', 'Folgt der zweite Satz aus dem ersten?'],
  ['Does the sentence answer the question?', 'Beantwortet der Satz die Frage?'],
  [
    'Does the second sentence follow, contradict, or neither?',
    'Folgt der zweite Satz, widerspricht er, oder keines von beiden?',
  ],

  // Pictures.
  ['The chart has not been drawn yet.', 'Das Diagramm ist noch nicht gezeichnet.'],
  [
    'This chart could not be loaded. Reload the page to try again.',
    'Dieses Diagramm konnte nicht geladen werden. Laden Sie die Seite neu, um es noch einmal zu versuchen.',
  ],
  ['The browser could not write this picture.', 'Der Browser konnte dieses Bild nicht schreiben.'],
  ['The browser gives no canvas to draw on.', 'Der Browser gibt nichts zum Zeichnen.'],
  ['There is no picture to save yet.', 'Noch gibt es kein Bild zu speichern.'],
];
