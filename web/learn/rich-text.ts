import type { TermId } from '../terms/terms';

/** A piece of a text: plain, a word that explains itself, or code. */
export type TextPart =
  | { readonly kind: 'plain' | 'code'; readonly text: string }
  | { readonly kind: 'term'; readonly text: string; readonly id: TermId };

const PART = /\[(\w+)\|([^\]]+)\]|`([^`]+)`/g;

/** Reads the notation of the words: `[term|words]` and `` `code` ``. */
export function textParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(PART)) {
    const [whole, id, words, code] = match;
    if (match.index > end) parts.push({ kind: 'plain', text: text.slice(end, match.index) });
    if (code === undefined) parts.push({ kind: 'term', text: words ?? '', id: id as TermId });
    else parts.push({ kind: 'code', text: code });
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push({ kind: 'plain', text: text.slice(end) });
  return parts;
}
