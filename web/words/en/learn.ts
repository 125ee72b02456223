/** The route Learn. `[term|words]` is a word that explains itself, `` `…` `` is code. Figures come in as they are written. */
export const learn = {
  title: 'How a network can answer early',
  lead: 'Six short chapters, three lessons and a glossary. Words with a dotted line say what they mean when you press them.',
  source: (task: string, rows: string) =>
    `Figures on this page are computed in your browser from the recorded answers to the ${rows} labelled sentences of ${task}’s dev split, with its calibrated thresholds and the weights of cost that the page starts with. Another task in Play gives other figures here.`,
  noFigures: 'The recorded dev split is not here yet, so the figures of this chapter are missing.',
  chapters: 'Chapters',
  exit: {
    title: 'What is an early exit?',
    text: [
      (layers: string) =>
        `A text encoder reads a sentence in ${layers} layers, one after the other, and usually only the last one answers. Here each layer has an [exitRamp|exit ramp], a small classifier, so that each can answer.`,
      () =>
        'Most sentences are understood early. More layers do not change the answer; they only cost. An [earlyExit|early exit] stops there. When to stop is the [policy|policy]’s business: the simplest one asks whether the exit’s [confidence|confidence] reaches a [threshold|threshold].',
    ],
    figure: 'Right answers by layer',
    caption: (first: string, middle: string, at: string, all: string) =>
      `How many of the sentences each layer’s exit answers rightly: layer 1 ${first}, layer ${middle} ${at}, the last one ${all}.`,
    result: (settled: string, layersRun: string, layers: string, accuracy: string, all: string) =>
      `With the calibrated thresholds ${settled} of the sentences are answered on this device and ${layersRun} of ${layers} layers run on average. ${accuracy} of the answers are right; with [allLayers|all ${layers} layers] it would be ${all}.`,
  },
  split: {
    title: 'Split, or pool routing?',
    text: [
      'Layers can be shared out among [tier|three tiers]. In a split, every sentence starts on this device. What is not settled here goes to the edge as a [hiddenState|hidden state], and on to the cloud if it must. No layer runs twice, and the decision is made with what has been computed.',
      '[splitAgainstPool|Pool routing] decides before anything has run: it guesses whether a sentence is easy, moderate or hard and sends its text whole to one tier. A text is small, but a wrong guess is not noticed, and the tier begins at layer 1.',
    ],
    split: 'Split: climb as far as needed',
    pool: 'Pool routing: guess, then go',
    result: (split: string, splitLoss: string, pool: string, poolLoss: string) =>
      `Over seven tasks the split by confidence saves ${split} of the compute and loses ${splitLoss} [points|points]; our reconstruction of DIMEE’s pools saves ${pool} and loses ${poolLoss}. \`npm run compare\` prints both; the paper leaves details open, so its own pools may do better.`,
  },
  cost: {
    title: 'What is saved, and when it does not pay',
    text: [
      '[computeSaved|Compute saved] compares with sending every sentence to the cloud. A layer there costs [costUnit|1]. What a layer costs here or at the edge, and what a [offloading|crossing] costs, are weights: assumptions that you can move.',
      'So the savings live where a layer on this device counts about as much as one in the cloud. Where the device is slow, or its battery dear, its layers weigh more, and what looked like a saving is not one.',
    ],
    slider: 'A layer on this device, in cloud layers',
    saved: (weight: string, saved: string) => `At a weight of ${weight}: ${saved} of the compute saved.`,
    lost: (weight: string, lost: string) => `At a weight of ${weight}: ${lost} more compute than all cloud.`,
    breakEven: (weight: string) => `Break-even is at ${weight}: beyond it the cloud alone would be cheaper.`,
    noBreakEven: 'Nothing is answered on this device, so its weight does not matter.',
    figure: 'Compute saved by the weight of a device’s layer',
    bytes: (state: string, text: string) =>
      `Nor does it save bandwidth. A sentence that crosses takes its hidden state along: ${state} on average, where the text alone would be about ${text}. What is saved is compute, load on the cloud, and the round trip of all that is settled here.`,
  },
  confidence: {
    title: 'Can confidence be trusted?',
    text: [
      'A threshold of 0.9 means something only if answers given with 0.9 are right nine times in ten. That is [calibration|calibration]. Networks are often surer than they should be, and each layer in its own way.',
      'Here every exit has a [temperature|temperature], fitted on the [calibrationSplit|calibration split]. It changes no answer, only how sure an exit says it is. Thresholds are chosen on those rows, too, and results are measured on the [devSplit|dev split]: whoever chooses and measures on the same rows flatters the method.',
    ],
    figure: (layer: string) => `Confidence and accuracy of the exit after layer ${layer}`,
    axis: 'confidence →',
    caption:
      'Each bar is a bin of answers: as high as the answers in it are right. On the dashed line confidence is what it promises.',
    result: (layer: string, before: string, after: string) =>
      `After layer ${layer} the expected calibration error is ${before} without temperature and ${after} with it, on rows that neither was fitted to.`,
  },
  baselines: {
    title: 'What must it beat?',
    text: [
      'A large saving proves little by itself. A method has to beat what needs no method: stop everybody at the same layer. Only where it is better at the same depth has it understood something about single sentences.',
    ],
    table: 'Methods and baselines on the same rows and weights',
    columns: { method: 'Method', saved: 'Compute saved', accuracy: 'Right', loss: 'Points lost' },
    rows: {
      method: 'Confidence, calibrated',
      fixed: (depth: string) => `The same layer for all, ${depth} on average`,
      mobile: (layer: string) => `All on this device, layer ${layer}`,
      cloud: 'All in the cloud',
      oracle: 'Oracle',
    },
    after: [
      'The [oracle|oracle] knows the answers. It shows how much room exits leave, and it heads no ranking. Differences of a few tenths of a [points|point] often lie within their [interval|interval].',
    ],
    claim: (mobile: string, layer: string) =>
      `DIMEE’s abstract claims more than 43 % less cost at a loss of less than 0.3 %. That is no mark to pass here: another model, other weights of cost. With the weights of this page, stopping every sentence at layer ${layer} saves ${mobile} already. Compare with the [baseline|baselines] of the same table, not with a number from another one.`,
  },
  limits: {
    title: 'Limits',
    items: (tokens: string) => [
      `The model reads English, at most ${tokens} tokens; longer texts are cut, and the page says so. What is unlike its training data may be answered surely and wrongly.`,
      'It is small and trained on parts of the data: models trained on all of it are better.',
      'Times are modelled unless something has run here. Typical networks are assumptions, not promises.',
      'Some dev splits are small. Look at the interval before you believe a difference.',
      'No threshold is fitted to dev rows, but the rule that picks thresholds was changed after earlier ones had been measured there. The model’s card says which.',
      'It carries the views and blind spots of its training texts. It is no basis for decisions about people.',
    ],
  },
  lessons: {
    title: 'Three lessons',
    lead: 'Each opens the page as the lesson needs it. Back in your browser brings you here again.',
    open: 'Open the lesson',
    goal: 'Goal',
    do: 'Do',
    see: 'You should see',
    exercises: 'Exercises',
    answers: 'Answers',
    list: {
      climb: {
        title: 'Three sentences climb',
        goal: 'See that easy sentences are settled early, and that an early answer can differ from that of all layers.',
        do: 'Three film remarks run by themselves: plain praise, irony, and irony in disguise. See at which layer each is answered, and open its row.',
        see: 'The praise is settled after fewer layers than the two others. The last one is answered otherwise than all layers would.',
        exercises: [
          'Write a sentence that is settled at layer 1.',
          'Write one that goes all the way to the cloud.',
          'Raise “Mobile threshold” to the end. Which sentences move, and what does that cost?',
        ],
        answers: [
          'Short and plain ones, with one strong word of praise or blame.',
          'Mixed ones: what speaks for and what speaks against in one sentence, or irony without a signal word.',
          'All three: at 1 the threshold is never reached, so this device settles nothing, and every sentence pays for a crossing.',
        ],
      },
      cost: {
        title: 'When it does not pay',
        goal: 'Find out when early exits cost more than the cloud alone.',
        do: 'A layer on this device now costs eight cloud layers. Look at “compute saved”, then move the weights in the settings of cost.',
        see: 'Compute saved is below zero, although accuracy and the exits are those of before.',
        exercises: [
          'Bring “Mobile layer” down until nothing is lost or saved: where is break-even?',
          'Leave the weight at 8 and lower “Mobile layers”, so that the edge does more. Does it pay again?',
          'Set the crossings to 0. Does the break-even move much? Why?',
        ],
        answers: [
          'Between five and six cloud layers on SST-2. It is where the cost line of this page’s third chapter crosses zero.',
          'Yes: with one or two layers here the dear ones are few, and most sentences are settled at the edge.',
          'It falls, since all cloud crosses with every sentence and becomes cheaper, while most sentences here never cross.',
        ],
      },
      trust: {
        title: 'Is 0.9 really nine in ten?',
        goal: 'Read a calibration diagram, and see what a temperature changes and what it does not.',
        do: 'The diagrams of CoLA open. Compare the bars with the line, with and without temperatures.',
        see: 'Without temperatures most bars lie below the line: the exits are too sure. With them they come closer.',
        exercises: [
          'Does a temperature change how many answers are right?',
          'Does it change which of two sentences an exit is surer of, where there are two classes?',
          'Why is a gap on a bar of few rows no proof?',
        ],
        answers: [
          'No. It divides all classes’ numbers alike, so the most probable one stays the most probable.',
          'No: it stretches all alike, so the order stays. Between two exits, which have temperatures of their own, it does.',
          'The accuracy of few rows scatters: of ten answers at 0.9, eight or ten right are both ordinary.',
        ],
      },
    },
  },
  teachers: {
    title: 'For teachers',
    plan: 'Forty-five minutes',
    minutes: (from: string, to: string) => `${from}–${to} min`,
    steps: [
      { from: 0, to: 5, text: 'Guess together: how many of a network’s layers does “a warm, funny film” need?' },
      { from: 5, to: 15, text: 'Lesson 1 on the projector; everybody writes one easy and one hard sentence.' },
      { from: 15, to: 30, text: 'Lesson 2 in pairs: one finds the break-even, one the cheapest split; compare.' },
      { from: 30, to: 40, text: 'Lesson 3: predict first, then look. What would a doctor want to know about a “0.9”?' },
      { from: 40, to: 45, text: 'One sentence each: when would you not use early exits?' },
    ],
    materials:
      'Materials: this page on any laptop or phone with a browser of the last years. No accounts; what is typed stays in the browser unless an edge is connected, and then only what the device does not settle crosses.',
    offline:
      'Without internet: `npm start` on one computer serves the whole room. A page whose status says “works offline” has every layer and needs no network any more.',
    embed: 'A frame of lesson 1 for your own page:',
    embedName: 'Embed code of lesson 1',
  },
  glossary: { title: 'Glossary' },
  more: {
    title: 'Sources',
    paper: 'The paper: DIMEE, arXiv 2410.05338',
    notOurs: 'This is not the authors’ code.',
    code: 'The code of this page',
    card: (model: string) => `The card of the model ${model}`,
    cardFetching: 'Fetching the card …',
    cardFailed: 'The card could not be fetched: this model may come without one.',
  },
};
