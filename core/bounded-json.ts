/** Levels of arrays and objects in each other that anything of ours needs, and a few more. */
const MOST_LEVELS = 16;

/**
 * Reads JSON from outside, whose length the caller has bounded.
 * @throws SyntaxError for what is none, or is nested deeper than anything of ours, before anything is made of it.
 */
export function parseBoundedJson(text: string): unknown {
  if (levelsOf(text) > MOST_LEVELS) throw new SyntaxError(`JSON may have ${MOST_LEVELS} levels.`);
  return JSON.parse(text);
}

function levelsOf(text: string): number {
  let [level, deepest, isInString] = [0, 0, false];
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (isInString) {
      if (letter === '\\') index++;
      else if (letter === '"') isInString = false;
    } else if (letter === '"') isInString = true;
    else if (letter === '[' || letter === '{') deepest = Math.max(deepest, ++level);
    else if (letter === ']' || letter === '}') level--;
  }
  return deepest;
}
