import * as v from 'valibot';
import { keptLink, type LinkShelf, linkShelf, LINKS_PATH, refusal, SHORT_PATH } from '../../../core/view/short-link';

const below = (path: string) => new URL(`.${path}`, document.baseURI);

function showing(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/** How the server of this page keeps short links; null where there is none that does. */
export async function askShelf(token: string | undefined): Promise<LinkShelf | null> {
  try {
    const response = await fetch(below(LINKS_PATH), { headers: showing(token) });
    return v.parse(linkShelf, await response.json());
  } catch {
    return null;
  }
}

/**
 * Hands a view to the server, and says where it opens from now on.
 * @throws Error saying why the server would not take it.
 */
export async function keepLink(hash: string, token: string | undefined): Promise<string> {
  const response = await fetch(below(LINKS_PATH), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...showing(token) },
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
