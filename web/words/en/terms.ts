/** One thing that has a name of its own here: a sentence, and what the letters of its formula stand for. */
interface TermWords {
  readonly name: string;
  readonly sentence: string;
  readonly letters?: Readonly<Record<string, string>>;
}

/** Formulas and sources stand in `web/terms/`, since they are the same in every language. */
export const terms = {
  list: {
    earlyExit: {
      name: 'early exit',
      sentence: 'An answer given after some of the layers instead of all of them, because it is sure enough already.',
      letters: {
        k: 'the layer that answers',
        l: 'a layer',
        s_l: 'the policy’s score there',
        τ_l: 'its threshold there',
      },
    },
    exitRamp: {
      name: 'exit ramp',
      sentence: 'A small classifier after a layer: it turns the hidden state there into a probability for each class.',
      letters: { p: 'the probabilities', z: 'what the ramp gives, a number a class', T: 'the temperature' },
    },
    confidence: {
      name: 'confidence',
      sentence:
        'The probability of the class that an exit holds most probable, after calibration. It is never below one over the number of classes.',
      letters: { C: 'the confidence', p_k: 'the probability of class k' },
    },
    threshold: {
      name: 'threshold',
      sentence:
        'How sure an exit must be: a sentence is answered at the first layer whose confidence reaches the threshold of its tier. A threshold of 1 is never reached.',
      letters: { C: 'the confidence', τ: 'the threshold' },
    },
    policy: {
      name: 'policy',
      sentence:
        'The rule that decides after each layer whether a sentence is answered there: a score of all exits so far, and the score that the layer asks for.',
      letters: { s_l: 'the score at layer l', τ_l: 'what that layer asks for' },
    },
    tier: {
      name: 'tier',
      sentence: 'Where layers run: the first on this device, more on an edge server nearby, the rest in the cloud.',
      letters: { m: 'the last layer on this device', n: 'the last one at the edge', L: 'all layers' },
    },
    devSplit: {
      name: 'dev split',
      sentence:
        'Public, labelled sentences of the task. The model was not trained on them and no threshold is fitted to them; results are measured on them.',
    },
    calibrationSplit: {
      name: 'calibration split',
      sentence:
        'Rows of the training data that training never saw. Temperatures, thresholds and splits of layers are chosen on them.',
    },
    offloading: {
      name: 'offloading',
      sentence:
        'Handing a sentence on to the next tier, as its hidden state or as its text. Each crossing costs as much as some layers do.',
      letters: {
        'o_{me}': 'from this device to the edge',
        'o_{ec}': 'from the edge to the cloud',
        'o_{mc}': 'from this device straight to the cloud',
      },
    },
    costUnit: {
      name: 'cost unit',
      sentence:
        'One layer in the cloud costs 1. What a sentence costs are the layers it ran, each at the weight of its tier, and its crossings.',
      letters: {
        c: 'the cost of a sentence',
        λ_t: 'the weight of a layer on tier t',
        k_t: 'the layers run there',
        o: 'the crossings made',
      },
    },
    computeSaved: {
      name: 'compute saved',
      sentence:
        'The share of the cost of running every sentence whole in the cloud that was not spent. It is below zero where early exits cost more than that.',
      letters: {
        S: 'compute saved',
        c: 'the mean cost of a sentence',
        'o_{mc}': 'a crossing straight to the cloud',
        L: 'all layers',
        λ_c: 'the weight of a cloud layer',
      },
    },
    points: {
      name: 'points',
      sentence:
        'The difference between two percentages. What early exits lose are the points of accuracy below the answers of all layers.',
      letters: { d: 'points lost', a_L: 'accuracy of all layers, 0 to 1', a: 'accuracy of the answers given, 0 to 1' },
    },
    allLayers: {
      name: 'all layers',
      sentence:
        'The answer of the last exit, when nothing stops early. Early answers are compared with it: it need not be the right one.',
    },
    splitAgainstPool: {
      name: 'split and pool routing',
      sentence:
        'Split: every sentence starts here and climbs as far as it must. Pool routing: before any layer runs, the text goes whole to the tier whose pool (easy, moderate, hard) it is nearest to.',
      letters: { t: 'the tier chosen', e: 'the sentence’s embedding', c_t: 'the centre of that tier’s pool' },
    },
    percentiles: {
      name: 'p50 and p95',
      sentence: 'Half of the sentences take at most p50, 95 of 100 at most p95. A mean would hide the slow ones.',
      letters: { P: 'the share of sentences', t: 'the time of one', 't_{95}': 'p95' },
    },
    calibration: {
      name: 'calibration',
      sentence:
        'Confidence is calibrated where nine in ten of the answers given with 0.9 are right. ECE, the expected calibration error, is the mean gap over bins of confidence.',
      letters: {
        b: 'a bin',
        n_b: 'the answers in it',
        n: 'all answers',
        a_b: 'their accuracy',
        C_b: 'their mean confidence',
      },
    },
    temperature: {
      name: 'temperature',
      sentence:
        'One number an exit, fitted on the calibration split. Above 1 it makes the exit less sure; it never changes which class is the most probable.',
      letters: {
        p_k: 'the probability of class k',
        z_k: 'what the ramp gives for it',
        T: 'the temperature',
        j: 'every class',
      },
    },
    interval: {
      name: 'interval',
      sentence:
        'Rows are drawn anew, with replacement, some hundred times; 95 of 100 of the results lie within the interval. Where one for a difference holds zero, it may be chance.',
    },
    hiddenState: {
      name: 'hidden state',
      sentence:
        'All that the layers so far have made of a sentence: some hundred numbers for each token. The next layer needs nothing else.',
      letters: { B: 'bytes', N: 'tokens of the sentence', H: 'numbers a token', b: 'bytes a number' },
    },
    payload: {
      name: 'payload',
      sentence:
        'How a hidden state is written when it crosses: with 16, 8 or 4 bits a number, or coded. It is many times larger than the text that it stands for.',
    },
    oracle: {
      name: 'oracle',
      sentence:
        'It knows the right labels and stops at the first exit that gives one. No method can: it is a bound on what exits could do.',
      letters: { k: 'the layer that answers', l: 'a layer', y_l: 'the label of its exit', y: 'the right label' },
    },
    baseline: {
      name: 'baseline',
      sentence:
        'What a method must beat to be worth its trouble: everything in the cloud, everything on the device, the same layer for every sentence, or a layer at random.',
    },
    regret: {
      name: 'regret',
      sentence:
        'What the best fixed choice would have earned by now, less what a policy that learns on the way has earned.',
      letters: {
        R: 'the regret after n sentences',
        'r_i(a)': 'what choice a earns with sentence i',
        'a*': 'the best fixed choice',
        a_i: 'the choice that was made',
      },
    },
  } satisfies Record<string, TermWords>,
  source: 'Source',
  card: 'The model’s card',
};
