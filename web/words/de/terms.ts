import type { LaterWords } from '../later';

export const terms: LaterWords['terms'] = {
  list: {
    earlyExit: {
      name: 'früher Ausgang',
      sentence: 'Eine Antwort nach einigen statt nach allen Schichten, weil sie schon sicher genug ist.',
      letters: {
        k: 'die Schicht, die antwortet',
        l: 'eine Schicht',
        s_l: 'der Wert der Strategie dort',
        τ_l: 'die Schwelle dort',
      },
    },
    exitRamp: {
      name: 'Ausgangsrampe',
      sentence:
        'Ein kleiner Klassifikator hinter einer Schicht: Er macht aus dem verborgenen Zustand eine Wahrscheinlichkeit je Klasse.',
      letters: { p: 'die Wahrscheinlichkeiten', z: 'was die Rampe liefert, eine Zahl je Klasse', T: 'die Temperatur' },
    },
    confidence: {
      name: 'Konfidenz',
      sentence:
        'Die Wahrscheinlichkeit der Klasse, die ein Ausgang für die wahrscheinlichste hält, nach der Kalibrierung. Sie liegt nie unter eins durch die Zahl der Klassen.',
      letters: { C: 'die Konfidenz', p_k: 'die Wahrscheinlichkeit der Klasse k' },
    },
    threshold: {
      name: 'Schwelle',
      sentence:
        'Wie sicher ein Ausgang sein muss: Ein Satz wird an der ersten Schicht beantwortet, deren Konfidenz die Schwelle ihrer Stufe erreicht. Eine Schwelle von 1 wird nie erreicht.',
      letters: { C: 'die Konfidenz', τ: 'die Schwelle' },
    },
    policy: {
      name: 'Strategie',
      sentence:
        'Die Regel, die nach jeder Schicht entscheidet, ob ein Satz dort beantwortet wird: ein Wert aus allen Ausgängen bisher und der Wert, den die Schicht verlangt.',
      letters: { s_l: 'der Wert an Schicht l', τ_l: 'was diese Schicht verlangt' },
    },
    tier: {
      name: 'Stufe',
      sentence:
        'Wo Schichten laufen: die ersten auf diesem Gerät, weitere auf einem Edge-Server in der Nähe, der Rest in der Cloud.',
      letters: { m: 'die letzte Schicht auf diesem Gerät', n: 'die letzte am Edge', L: 'alle Schichten' },
    },
    devSplit: {
      name: 'Dev-Daten',
      sentence:
        'Öffentliche Sätze der Aufgabe mit bekannten Antworten. Weder wurde das Modell an ihnen trainiert noch eine Schwelle an sie angepasst; Ergebnisse werden an ihnen gemessen.',
    },
    calibrationSplit: {
      name: 'Kalibrierdaten',
      sentence:
        'Zeilen der Trainingsdaten, die das Training nie gesehen hat. An ihnen werden Temperaturen, Schwellen und die Aufteilung der Schichten gewählt.',
    },
    offloading: {
      name: 'Weitergabe',
      sentence:
        'Einen Satz an die nächste Stufe geben, als verborgenen Zustand oder als Text. Jeder Übergang kostet so viel wie einige Schichten.',
      letters: {
        'o_{me}': 'von diesem Gerät zum Edge',
        'o_{ec}': 'vom Edge in die Cloud',
        'o_{mc}': 'von diesem Gerät direkt in die Cloud',
      },
    },
    costUnit: {
      name: 'Kosteneinheit',
      sentence:
        'Eine Schicht in der Cloud kostet 1. Ein Satz kostet die Schichten, die für ihn liefen, jede mit dem Gewicht ihrer Stufe, und seine Übergänge.',
      letters: {
        c: 'die Kosten eines Satzes',
        λ_t: 'das Gewicht einer Schicht auf Stufe t',
        k_t: 'die Schichten, die dort liefen',
        o: 'die Übergänge',
      },
    },
    computeSaved: {
      name: 'Ersparnis',
      sentence:
        'Welcher Teil der Kosten, jeden Satz ganz in der Cloud zu rechnen, nicht ausgegeben wurde. Sie liegt unter null, wo frühe Ausgänge mehr kosten.',
      letters: {
        S: 'die Ersparnis',
        c: 'die mittleren Kosten eines Satzes',
        'o_{mc}': 'ein Übergang direkt in die Cloud',
        L: 'alle Schichten',
        λ_c: 'das Gewicht einer Schicht in der Cloud',
      },
    },
    points: {
      name: 'Punkte',
      sentence:
        'Der Unterschied zweier Prozentzahlen. Frühe Ausgänge verlieren so viele Punkte Genauigkeit, wie sie unter den Antworten aller Schichten liegen.',
      letters: {
        d: 'verlorene Punkte',
        a_L: 'Genauigkeit aller Schichten, 0 bis 1',
        a: 'Genauigkeit der gegebenen Antworten, 0 bis 1',
      },
    },
    allLayers: {
      name: 'alle Schichten',
      sentence:
        'Die Antwort des letzten Ausgangs, wenn nichts früher endet. Frühe Antworten werden mit ihr verglichen; die richtige muss sie nicht sein.',
    },
    splitAgainstPool: {
      name: 'Aufteilen und Vorsortieren',
      sentence:
        'Aufteilen: Jeder Satz beginnt hier und steigt so weit wie nötig. Vorsortieren: Bevor eine Schicht läuft, geht der Text ganz zu der Stufe, deren Gruppe (leicht, mittel, schwer) er am nächsten ist.',
      letters: { t: 'die gewählte Stufe', e: 'die Einbettung des Satzes', c_t: 'die Mitte der Gruppe dieser Stufe' },
    },
    percentiles: {
      name: 'p50 und p95',
      sentence:
        'Die Hälfte der Sätze braucht höchstens p50, 95 von 100 höchstens p95. Ein Mittelwert würde die langsamen verbergen.',
      letters: { P: 'der Anteil der Sätze', t: 'die Zeit eines Satzes', 't_{95}': 'p95' },
    },
    calibration: {
      name: 'Kalibrierung',
      sentence:
        'Konfidenz ist kalibriert, wenn von den Antworten mit 0,9 neun von zehn richtig sind. ECE, der erwartete Kalibrierfehler, ist die mittlere Lücke über Klassen von Konfidenzen.',
      letters: {
        b: 'eine Klasse von Konfidenzen',
        n_b: 'die Antworten darin',
        n: 'alle Antworten',
        a_b: 'ihre Genauigkeit',
        C_b: 'ihre mittlere Konfidenz',
      },
    },
    temperature: {
      name: 'Temperatur',
      sentence:
        'Eine Zahl je Ausgang, an den Kalibrierdaten bestimmt. Über 1 macht sie den Ausgang weniger sicher; welche Klasse die wahrscheinlichste ist, ändert sie nie.',
      letters: {
        p_k: 'die Wahrscheinlichkeit der Klasse k',
        z_k: 'was die Rampe für sie liefert',
        T: 'die Temperatur',
        j: 'jede Klasse',
      },
    },
    interval: {
      name: 'Intervall',
      sentence:
        'Zeilen werden einige hundert Mal neu gezogen, mit Zurücklegen; 95 von 100 der Ergebnisse liegen im Intervall. Enthält das eines Unterschieds die Null, kann er Zufall sein.',
    },
    hiddenState: {
      name: 'verborgener Zustand',
      sentence:
        'Alles, was die Schichten bisher aus einem Satz gemacht haben: einige hundert Zahlen je Token. Mehr braucht die nächste Schicht nicht.',
      letters: { B: 'Bytes', N: 'Tokens des Satzes', H: 'Zahlen je Token', b: 'Bytes je Zahl' },
    },
    payload: {
      name: 'Nutzlast',
      sentence:
        'Wie ein verborgener Zustand beim Übergang geschrieben wird: mit 16, 8 oder 4 Bit je Zahl, oder codiert. Er ist um ein Vielfaches größer als der Text, für den er steht.',
    },
    oracle: {
      name: 'Orakel',
      sentence:
        'Es kennt die richtigen Antworten und hält am ersten Ausgang, der eine gibt. Das kann kein Verfahren: Es ist eine Grenze für das, was Ausgänge könnten.',
      letters: {
        k: 'die Schicht, die antwortet',
        l: 'eine Schicht',
        y_l: 'die Antwort ihres Ausgangs',
        y: 'die richtige Antwort',
      },
    },
    baseline: {
      name: 'Vergleichsmaßstab',
      sentence:
        'Was ein Verfahren schlagen muss, um seine Mühe wert zu sein: alles in der Cloud, alles auf dem Gerät, dieselbe Schicht für jeden Satz oder eine zufällige.',
    },
    regret: {
      name: 'Reue',
      sentence:
        'Was die beste feste Wahl bis jetzt eingebracht hätte, weniger dem, was eine unterwegs lernende Strategie eingebracht hat.',
      letters: {
        R: 'die Reue nach n Sätzen',
        'r_i(a)': 'was Wahl a mit Satz i einbringt',
        'a*': 'die beste feste Wahl',
        a_i: 'die Wahl, die getroffen wurde',
      },
    },
  },
  source: 'Quelle',
  card: 'Die Karte des Modells',
};
