/**
 * Example sentences of every task, written for this project (the data sets' licences forbid showing theirs).
 * Pairs are separated by a tab. Each set goes from plain to tricky, so that its sentences leave at different depths.
 */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  sst2: [
    'A warm, funny and deeply moving film.',
    'Dull, lifeless and far too long.',
    'The cast is wonderful from the first scene to the last.',
    'I have rarely been so bored in a cinema.',
    'It is not without charm, but the charm wears off quickly.',
    'You could call it a failure, if failures were always this much fun.',
    'The plot makes no sense, and I could not have cared less.',
    'Whatever it lacks in polish it makes up for in nerve.',
    'A masterpiece, if your idea of a masterpiece is two hours of fog.',
    'Hardly a scene goes by without a small surprise.',
    'The best thing about it is the poster.',
    'It sneaks up on you, and then it breaks your heart.',
  ],
  cola: [
    'The children walked home through the snow.',
    'The children walked home the snow through.',
    'Which book did you say that Anna had read?',
    'Which book did you wonder who had read?',
    'The glass broke when it fell.',
    'The glass broke itself it when fell.',
    'Neither of the answers was right.',
    'Her seems to be tired.',
    'The more you practise, the better you play.',
    'The baker that the thief that the dog bit robbed left town.',
    'He gave to his sister a long and rather sad letter.',
    'They arrived yesterday tomorrow.',
  ],
  mrpc: [
    'The company said on Monday that it would close two plants.\tTwo plants will be closed, the company announced on Monday.',
    'Shares of the airline rose 4 percent to $21.\tThe airline’s stock gained 4 percent, closing at $21.',
    'The mayor opened the new bridge on Friday.\tThe new bridge cost the city nine million euros.',
    'Police arrested three men after the robbery.\tThree men were arrested after the robbery, police said.',
    'Sales fell by a fifth in the third quarter.\tIn the third quarter sales grew by a fifth.',
    'The storm left 40,000 homes without power.\tSome 40,000 households lost electricity in the storm.',
    'The committee will meet again in March.\tThe committee met in March and adjourned.',
    'The senator declined to comment on the report.\tThe report was published by the senator’s office.',
    'The vaccine was tested on 1,200 volunteers.\tAbout 1,200 people took part in the trial of the vaccine.',
    'The festival drew more visitors than last year.\tLast year the festival was cancelled because of rain.',
  ],
  qqp: [
    'How can I learn to play the guitar?\tWhat is the best way to learn guitar?',
    'How do I boil an egg?\tHow do I peel a boiled egg?',
    'Why is the sky blue?\tWhat makes the sky look blue?',
    'Which laptop should I buy for college?\tWhich phone should I buy for college?',
    'How do I lose weight quickly?\tWhat are fast ways to lose weight?',
    'Is it safe to travel to Iceland in winter?\tIs it cheap to travel to Iceland in winter?',
    'How many bones does a human have?\tWhat is the number of bones in the human body?',
    'What does a product manager do?\tHow do I become a product manager?',
    'Can cats eat bread?\tIs bread bad for cats?',
    'How far is the moon from the earth?\tHow far is the moon from the sun?',
  ],
  rte: [
    'The orchestra played in Vienna on Saturday night.\tThe orchestra performed in Vienna.',
    'The bakery on Main Street closed after forty years.\tThe bakery had been open for decades.',
    'Ms Okafor was named head of the department in May.\tMs Okafor leads the department.',
    'The ferry to the island runs only in summer.\tThe ferry to the island runs in December.',
    'Rivers in the north rose after a week of heavy rain.\tThe rain caused a famine in the north.',
    'The novel was translated into thirty languages.\tThe author speaks thirty languages.',
    'Two of the four finalists come from Kenya.\tHalf of the finalists are Kenyan.',
    'The museum lent the painting to a gallery in Lyon.\tThe painting was sold to a gallery in Lyon.',
  ],
  qnli: [
    'When was the bridge opened?\tThe bridge was opened to traffic in June 1932.',
    'Who designed the library?\tThe library was designed by a young architect from Porto.',
    'How tall is the tower?\tThe tower is a popular place for weddings.',
    'What do pandas mainly eat?\tBamboo makes up almost all of a panda’s diet.',
    'Where does the river begin?\tThe river is home to eleven species of fish.',
    'How many people live in the town?\tThe town had a population of 8,400 at the last census.',
    'Why did the factory close?\tThe factory made glass bottles for the whole region.',
    'Which language do the islanders speak?\tMost islanders grow up with Gaelic and learn English at school.',
    'When did the festival first take place?\tThe festival takes place on the banks of the old canal.',
    'What causes the tides?\tThe pull of the moon raises and lowers the sea twice a day.',
  ],
  mnli: [
    'The shop opens at nine every morning.\tThe shop is open in the morning.',
    'A man is playing the violin on a crowded square.\tA man is playing an instrument outdoors.',
    'She moved to Lisbon to study medicine.\tShe wants to become a surgeon.',
    'All the tickets were sold within an hour.\tThere were tickets left the next day.',
    'He said he might join us later.\tHe will certainly not join us.',
    'The train was late because of snow on the line.\tThe weather delayed the train.',
    'Nobody in the village had ever seen the sea.\tSome villagers were sailors.',
    'The garden behind the house is full of roses.\tThe owner spends every weekend in the garden.',
    'You do not have to come if you are tired.\tYou are forbidden to come.',
    'Few of the students finished the exam early.\tMost students did not finish early.',
  ],
};

/** `count` examples of a task, one a line, in an order that the seed decides. Seed 1 gives them as written. */
export function exampleText(task: string, seed: number, count = 8): string {
  const lines = [...(EXAMPLES[task] ?? [])];
  let state = seed;
  for (let index = lines.length - 1; seed > 1 && index > 0; index--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (index + 1);
    [lines[index], lines[other]] = [lines[other] ?? '', lines[index] ?? ''];
  }
  return lines.slice(0, count).join('\n');
}
