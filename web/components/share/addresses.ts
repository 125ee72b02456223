import { escapeHtml } from '../../../core/view/html';

/** Some apps and mail programs cut longer ones. */
const LONG_LINK = 2000;

/** The address of the page with a view in its hash: without what this visit alone asked for. */
export function addressOf(hash: string, query = ''): string {
  const address = new URL(location.href);
  address.search = query;
  address.hash = hash;
  return address.href;
}

export function embedCode(hash: string, title: string): string {
  const address = escapeHtml(addressOf(hash, '?embed'));
  const permissions = 'clipboard-write; cross-origin-isolated';
  return `<iframe src="${address}" title="${escapeHtml(title)}" width="100%" height="800" style="border: 0" loading="lazy" allow="${permissions}"></iframe>`;
}

/** What may happen to a link of this length on its way; nothing for most. */
export function lengthWarning(link: string, hasShortLinks: boolean): string | undefined {
  if (link.length <= LONG_LINK) return undefined;
  const [length, most] = [link.length, LONG_LINK].map((count) => count.toLocaleString('en'));
  const advice = hasShortLinks ? 'use a short link' : 'share fewer sentences';
  return `This link has ${length} characters; some apps cut links longer than ${most}: ${advice}.`;
}
