import type { LaterWords } from '../later';

export const learn: LaterWords['learn'] = {
  title: 'Wie ein Netz früh antworten kann',
  lead: 'Sechs kurze Kapitel, drei Lektionen und ein Glossar. Gepunktet unterstrichene Wörter sagen auf Druck, was sie bedeuten.',
  source: (task, rows) =>
    `Die Zahlen dieser Seite werden in Ihrem Browser aus den aufgezeichneten Antworten auf die ${rows} beschrifteten Sätze der Dev-Daten von ${task} berechnet, mit den kalibrierten Schwellen und den Kostengewichten, mit denen die Seite beginnt. Eine andere Aufgabe unter „Probieren“ gibt hier andere Zahlen.`,
  noFigures: 'Die aufgezeichneten Dev-Daten sind noch nicht da, deshalb fehlen die Zahlen der Kapitel.',
  chapters: 'Kapitel',
  exit: {
    title: 'Was ist ein früher Ausgang?',
    text: [
      (layers) =>
        `Ein Textencoder liest einen Satz in ${layers} Schichten, einer nach der anderen, und meist antwortet nur die letzte. Hier hat jede Schicht eine [exitRamp|Ausgangsrampe], einen kleinen Klassifikator, sodass jede antworten kann.`,
      () =>
        'Die meisten Sätze sind früh verstanden. Weitere Schichten ändern die Antwort nicht, sie kosten nur. Ein [earlyExit|früher Ausgang] hört dort auf. Wann, bestimmt die [policy|Strategie]: Die einfachste fragt, ob die [confidence|Konfidenz] des Ausgangs eine [threshold|Schwelle] erreicht.',
    ],
    figure: 'Richtige Antworten je Schicht',
    caption: (first, middle, at, all) =>
      `Wie viele der Sätze der Ausgang jeder Schicht richtig beantwortet: Schicht 1 ${first}, Schicht ${middle} ${at}, die letzte ${all}.`,
    result: (settled, layersRun, layers, accuracy, all) =>
      `Mit den kalibrierten Schwellen werden ${settled} der Sätze auf diesem Gerät beantwortet, und im Mittel laufen ${layersRun} von ${layers} Schichten. ${accuracy} der Antworten sind richtig; mit [allLayers|allen ${layers} Schichten] wären es ${all}.`,
  },
  split: {
    title: 'Aufteilen oder vorsortieren?',
    text: [
      'Die Schichten lassen sich auf [tier|drei Stufen] verteilen. Beim Aufteilen beginnt jeder Satz auf diesem Gerät. Was hier nicht entschieden wird, geht als [hiddenState|verborgener Zustand] zum Edge und, wenn es sein muss, weiter in die Cloud. Keine Schicht läuft zweimal, und entschieden wird mit dem, was berechnet ist.',
      '[splitAgainstPool|Vorsortieren] entscheidet, bevor etwas gelaufen ist: Es rät, ob ein Satz leicht, mittel oder schwer ist, und schickt seinen Text ganz zu einer Stufe. Ein Text ist klein, aber falsch Geratenes bleibt unbemerkt, und die Stufe beginnt bei Schicht 1.',
    ],
    split: 'Aufteilen: so weit steigen wie nötig',
    pool: 'Vorsortieren: raten, dann gehen',
    result: (split, splitLoss, pool, poolLoss) =>
      `Über sieben Aufgaben spart das Aufteilen nach Konfidenz ${split} der Kosten und verliert ${splitLoss} [points|Punkte]; unsere Nachbildung von DIMEEs Gruppen spart ${pool} und verliert ${poolLoss}. \`npm run compare\` gibt beides aus; das Papier lässt Einzelheiten offen, seine eigenen Gruppen mögen also besser sein.`,
  },
  cost: {
    title: 'Was gespart wird, und wann es sich nicht lohnt',
    text: [
      '[computeSaved|Ersparnis] vergleicht damit, jeden Satz in die Cloud zu schicken. Eine Schicht kostet dort [costUnit|1]. Was eine Schicht hier oder am Edge kostet und was ein [offloading|Übergang] kostet, sind Gewichte: Annahmen, die Sie verschieben können.',
      'Die Ersparnis lebt also davon, dass eine Schicht auf diesem Gerät etwa so viel zählt wie eine in der Cloud. Wo das Gerät langsam oder sein Akku teuer ist, wiegen seine Schichten mehr, und was nach Ersparnis aussah, ist keine.',
    ],
    slider: 'Eine Schicht auf diesem Gerät, in Cloud-Schichten',
    saved: (weight, saved) => `Bei einem Gewicht von ${weight}: ${saved} gespart.`,
    lost: (weight, lost) => `Bei einem Gewicht von ${weight}: ${lost} mehr Kosten als alles in der Cloud.`,
    breakEven: (weight) => `Die Gewinnschwelle liegt bei ${weight}: Darüber wäre die Cloud allein billiger.`,
    noBreakEven: 'Auf diesem Gerät wird nichts beantwortet, sein Gewicht ist also gleich.',
    figure: 'Ersparnis nach dem Gewicht einer Schicht auf dem Gerät',
    bytes: (state, text) =>
      `Auch Bandbreite spart es nicht. Ein Satz, der übergeht, nimmt seinen verborgenen Zustand mit: ${state} im Mittel, wo der Text allein etwa ${text} hätte. Gespart werden Rechenarbeit, Last in der Cloud und die Umlaufzeit all dessen, was hier entschieden wird.`,
  },
  confidence: {
    title: 'Kann man der Konfidenz trauen?',
    text: [
      'Eine Schwelle von 0,9 bedeutet nur dann etwas, wenn Antworten mit 0,9 in neun von zehn Fällen richtig sind. Das ist [calibration|Kalibrierung]. Netze sind oft sicherer, als sie sein sollten, und jede Schicht auf ihre Weise.',
      'Hier hat jeder Ausgang eine [temperature|Temperatur], bestimmt an den [calibrationSplit|Kalibrierdaten]. Sie ändert keine Antwort, nur wie sicher ein Ausgang zu sein angibt. Auch Schwellen werden an diesen Zeilen gewählt, gemessen wird an den [devSplit|Dev-Daten]: Wer an denselben Zeilen wählt und misst, schmeichelt dem Verfahren.',
    ],
    figure: (layer) => `Konfidenz und Genauigkeit des Ausgangs nach Schicht ${layer}`,
    axis: 'Konfidenz →',
    caption:
      'Jeder Balken ist eine Klasse von Antworten: so hoch, wie die Antworten darin richtig sind. Auf der gestrichelten Linie ist die Konfidenz, was sie verspricht.',
    result: (layer, before, after) =>
      `Nach Schicht ${layer} ist der erwartete Kalibrierfehler ohne Temperatur ${before} und mit ihr ${after}, auf Zeilen, an denen keines von beiden bestimmt wurde.`,
  },
  baselines: {
    title: 'Was muss es schlagen?',
    text: [
      'Eine große Ersparnis beweist für sich wenig. Ein Verfahren muss schlagen, was kein Verfahren braucht: alle an derselben Schicht anhalten. Nur wo es bei gleicher Tiefe besser ist, hat es etwas über einzelne Sätze verstanden.',
    ],
    table: 'Verfahren und Vergleichsmaßstäbe auf denselben Zeilen und Gewichten',
    columns: { method: 'Verfahren', saved: 'Ersparnis', accuracy: 'Richtig', loss: 'Punkte verloren' },
    rows: {
      method: 'Konfidenz, kalibriert',
      fixed: (depth) => `Dieselbe Schicht für alle, im Mittel ${depth}`,
      mobile: (layer) => `Alle auf diesem Gerät, Schicht ${layer}`,
      cloud: 'Alle in der Cloud',
      oracle: 'Orakel',
    },
    after: [
      'Das [oracle|Orakel] kennt die Antworten. Es zeigt, wie viel Raum die Ausgänge lassen, und führt keine Rangliste an. Unterschiede von einigen Zehnteln eines [points|Punktes] liegen oft in ihrem [interval|Intervall].',
    ],
    claim: (mobile, layer) =>
      `DIMEEs Zusammenfassung nennt mehr als 43 % weniger Kosten bei weniger als 0,3 % Verlust. Das ist hier keine Messlatte: Es war ein anderes Modell mit anderen Kostengewichten. Mit den Gewichten dieser Seite spart es schon ${mobile}, jeden Satz an Schicht ${layer} anzuhalten. Vergleichen Sie mit den [baseline|Maßstäben] derselben Tabelle, nicht mit einer Zahl aus einer anderen.`,
  },
  limits: {
    title: 'Grenzen',
    items: (tokens) => [
      `Das Modell liest Englisch, höchstens ${tokens} Tokens; längere Texte werden gekürzt, und die Seite sagt es. Was seinen Trainingsdaten nicht gleicht, kann sicher und falsch beantwortet werden.`,
      'Es ist klein und an Teilen der Daten trainiert: Modelle, die alles gesehen haben, sind besser.',
      'Zeiten sind modelliert, solange hier nichts gelaufen ist. Typische Netze sind Annahmen, keine Zusagen.',
      'Manche Dev-Daten sind klein. Sehen Sie auf das Intervall, bevor Sie einem Unterschied glauben.',
      'Keine Schwelle ist an Dev-Zeilen angepasst, aber die Regel, die Schwellen wählt, wurde geändert, nachdem frühere dort gemessen waren. Welche, sagt die Karte des Modells.',
      'Es trägt die Ansichten und blinden Flecken seiner Trainingstexte. Es ist keine Grundlage für Entscheidungen über Menschen.',
    ],
  },
  lessons: {
    title: 'Drei Lektionen',
    lead: 'Jede öffnet die Seite so, wie sie sie braucht. „Zurück“ im Browser führt wieder hierher.',
    open: 'Lektion öffnen',
    goal: 'Ziel',
    do: 'Tun',
    see: 'Zu sehen ist',
    exercises: 'Aufgaben',
    answers: 'Antworten',
    list: {
      climb: {
        title: 'Drei Sätze steigen',
        goal: 'Sehen, dass leichte Sätze früh entschieden werden, und dass eine frühe Antwort von der aller Schichten abweichen kann.',
        do: 'Drei Bemerkungen über Filme laufen von selbst: schlichtes Lob, Ironie und verkleidete Ironie. Sehen Sie nach, an welcher Schicht jede beantwortet wird, und öffnen Sie ihre Zeile.',
        see: 'Das Lob ist nach weniger Schichten entschieden als die beiden anderen. Die letzte wird anders beantwortet, als alle Schichten es täten.',
        exercises: [
          'Schreiben Sie einen (englischen) Satz, der an Schicht 1 entschieden wird.',
          'Schreiben Sie einen, der bis in die Cloud geht.',
          'Schieben Sie „Mobile threshold“ ganz nach oben. Welche Sätze bewegen sich, und was kostet das?',
        ],
        answers: [
          'Kurze, schlichte, mit einem starken Wort des Lobes oder des Tadels.',
          'Gemischte: was dafür und was dagegen spricht in einem Satz, oder Ironie ohne Signalwort.',
          'Alle drei: Bei 1 wird die Schwelle nie erreicht, dieses Gerät entscheidet also nichts, und jeder Satz bezahlt einen Übergang.',
        ],
      },
      cost: {
        title: 'Wann es sich nicht lohnt',
        goal: 'Herausfinden, wann frühe Ausgänge mehr kosten als die Cloud allein.',
        do: 'Eine Schicht auf diesem Gerät kostet nun acht Cloud-Schichten. Sehen Sie auf die Ersparnis und verschieben Sie dann die Gewichte in den Einstellungen der Kosten.',
        see: 'Die Ersparnis liegt unter null, obwohl Genauigkeit und Ausgänge dieselben sind wie vorher.',
        exercises: [
          'Verringern Sie „Mobile layer“, bis nichts gespart und nichts verloren ist: Wo liegt die Gewinnschwelle?',
          'Lassen Sie das Gewicht bei 8 und verringern Sie „Mobile layers“, sodass der Edge mehr tut. Lohnt es sich wieder?',
          'Setzen Sie die Übergänge auf 0. Bewegt sich die Gewinnschwelle sehr? Warum?',
        ],
        answers: [
          'Bei SST-2 zwischen fünf und sechs Cloud-Schichten. Dort schneidet die Kostenlinie im dritten Kapitel dieser Seite die Null.',
          'Ja: Mit ein oder zwei Schichten hier sind die teuren wenige, und die meisten Sätze werden am Edge entschieden.',
          'Sie sinkt, denn „alles in der Cloud“ geht mit jedem Satz über und wird billiger, während die meisten Sätze hier nie übergehen.',
        ],
      },
      trust: {
        title: 'Ist 0,9 wirklich neun von zehn?',
        goal: 'Ein Kalibrierdiagramm lesen und sehen, was eine Temperatur ändert und was nicht.',
        do: 'Die Diagramme von CoLA öffnen sich. Vergleichen Sie die Balken mit der Linie, mit und ohne Temperaturen.',
        see: 'Ohne Temperaturen liegen die meisten Balken unter der Linie: Die Ausgänge sind zu sicher. Mit ihnen rücken sie näher.',
        exercises: [
          'Ändert eine Temperatur, wie viele Antworten richtig sind?',
          'Ändert sie bei zwei Klassen, welches zweier Sätze sich ein Ausgang sicherer ist?',
          'Warum ist eine Lücke bei einem Balken aus wenigen Zeilen kein Beweis?',
        ],
        answers: [
          'Nein. Sie teilt die Zahlen aller Klassen gleich, die wahrscheinlichste bleibt also die wahrscheinlichste.',
          'Nein: Sie streckt alle gleich, die Reihenfolge bleibt. Zwischen zwei Ausgängen, die je eine eigene haben, tut sie es.',
          'Die Genauigkeit weniger Zeilen streut: Von zehn Antworten mit 0,9 sind acht oder zehn richtige beide gewöhnlich.',
        ],
      },
    },
  },
  teachers: {
    title: 'Für Lehrende',
    plan: 'Fünfundvierzig Minuten',
    minutes: (from, to) => `${from}–${to} min`,
    steps: [
      { from: 0, to: 5, text: 'Gemeinsam raten: Wie viele Schichten eines Netzes braucht „a warm, funny film“?' },
      { from: 5, to: 15, text: 'Lektion 1 an der Wand; alle schreiben einen leichten und einen schweren Satz.' },
      {
        from: 15,
        to: 30,
        text: 'Lektion 2 zu zweit: Eine sucht die Gewinnschwelle, einer die billigste Aufteilung; vergleichen.',
      },
      {
        from: 30,
        to: 40,
        text: 'Lektion 3: erst vorhersagen, dann hinsehen. Was wollte eine Ärztin über ein „0,9“ wissen?',
      },
      { from: 40, to: 45, text: 'Je ein Satz: Wann würden Sie frühe Ausgänge nicht einsetzen?' },
    ],
    materials:
      'Material: diese Seite auf einem Laptop oder Telefon mit einem Browser der letzten Jahre. Keine Konten; was geschrieben wird, bleibt im Browser, es sei denn, ein Edge ist verbunden, und dann geht nur über, was das Gerät nicht entscheidet.',
    offline:
      'Ohne Internet: `npm start` auf einem Rechner versorgt den ganzen Raum. Eine Seite, deren Status sagt, dass sie ohne Netz läuft, hat jede Schicht und braucht kein Netz mehr.',
    embed: 'Ein Rahmen mit Lektion 1 für Ihre eigene Seite:',
    embedName: 'Einbettcode von Lektion 1',
  },
  glossary: { title: 'Glossar' },
  more: {
    title: 'Quellen',
    paper: 'Das Papier: DIMEE, arXiv 2410.05338',
    notOurs: 'Dies ist nicht der Code der Autoren.',
    code: 'Der Code dieser Seite',
    card: (model) => `Die Karte des Modells ${model}`,
    cardFetching: 'Die Karte wird geholt …',
    cardFailed: 'Die Karte ließ sich nicht holen: Vielleicht hat dieses Modell keine.',
  },
};
