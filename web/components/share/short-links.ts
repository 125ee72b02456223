import * as v from 'valibot';
import { keptLink, type LinkShelf, linkShelf, LINKS_PATH, refusal, SHORT_PATH } from '../../../core/view/short-link';

const below = (path: string) => new URL(`.${path}`, document.baseURI);

/** How the server of this page keeps short links; null where there is none that does. */
export async function askShelf(): Promise<LinkShelf | null> {
  try {
    const response = await fetch(below(LINKS_PATH));
    return v.parse(linkShelf, await response.json());
  } catch {
    return null;
  }
}

/**
 * Hands a view to the server, and says where it opens from now on.
 * @throws Error saying why the server would not take it.
 */
export async function keepLink(hash: string): Promise<string> {
  const response = await fetch(below(LINKS_PATH), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ hash }),
  }).catch((cause: unknown) => {
    throw new Error('The server that keeps short links cannot be reached. Try again later.', { cause });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const kept = v.safeParse(keptLink, answer);
  if (response.ok && kept.success) return below(SHORT_PATH + kept.output.id).href;
  const refused = v.safeParse(refusal, answer);
  throw new Error(refused.success ? refused.output.message : `The server answered ${response.status}.`);
}
