// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from 'vitest';
import { surviveTranslation } from './translation';

let end: () => void;

beforeEach(() => {
  document.body.innerHTML = '<p>Hello.</p><ul></ul>';
  end = surviveTranslation(document.body);
});
afterEach(() => end());

const paragraph = () => document.body.querySelector('p') as HTMLElement;
const settled = () => new Promise((resolve) => setTimeout(resolve));

const translation = () => document.createElementNS('http://www.w3.org/1999/xhtml', 'font');

/** Puts a translation in a text's place, as browsers do. */
function translate(text: Text, words: string): void {
  const font = translation();
  font.textContent = words;
  text.replaceWith(font);
}

/** The page's own text, translated. */
async function translated(words: string): Promise<Text> {
  const text = paragraph().firstChild as Text;
  translate(text, words);
  await settled();
  return text;
}

it('keeps a translation until the page writes something else', async () => {
  const text = await translated('Hallo.');
  expect(paragraph().textContent).toBe('Hallo.');
  text.nodeValue = '5 of 8';
  await settled();
  expect(paragraph().innerHTML).toBe('5 of 8');
});

it('lets a text be translated again and again', async () => {
  const text = await translated('Hallo.');
  for (const count of [1, 2]) {
    text.nodeValue = `${count} of 8`;
    await settled();
    translate(text, `${count} von 8`);
    await settled();
    expect(paragraph().textContent).toBe(`${count} von 8`);
  }
});

it('removes a translation with its text', async () => {
  const text = await translated('Hallo.');
  text.remove();
  await settled();
  expect(paragraph().innerHTML).toBe('');
});

it('leaves other changes alone', async () => {
  paragraph().firstChild?.remove();
  paragraph().append('There.');
  document.querySelector('ul')?.append(translation());
  await settled();
  expect(document.body.innerHTML).toBe('<p>There.</p><ul><font></font></ul>');
});
