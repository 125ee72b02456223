import { escapeHtml } from '../../../core/view/html';

/** Some apps and mail programs cut longer ones. */
const LONG_LINK = 2000;

/**
 * The address of the page with a view in its hash: without what this visit alone asked for, but with the edges that it names,
 * for a static copy has none without.
 */
export function addressOf(hash: string, isEmbed = false): string {
  const address = new URL(location.href);
  const edges = address.searchParams.getAll('edge').map((edge) => `edge=${encodeURIComponent(edge)}`);
  const query = [...(isEmbed ? ['embed'] : []), ...edges];
  address.search = query.join('&');
  address.hash = hash;
  return address.href;
}

export function embedCode(hash: string, title: string): string {
  const address = escapeHtml(addressOf(hash, true));
  const permissions = 'clipboard-write; cross-origin-isolated';
  return `<iframe src="${address}" title="${escapeHtml(title)}" width="100%" height="800" style="border: 0" loading="lazy" allow="${permissions}"></iframe>`;
}

/** Its length, where it is one that may be cut on its way. */
export function lengthIfLong(link: string): { readonly length: string; readonly most: string } | undefined {
  if (link.length <= LONG_LINK) return undefined;
  return { length: link.length.toLocaleString('en'), most: LONG_LINK.toLocaleString('en') };
}
