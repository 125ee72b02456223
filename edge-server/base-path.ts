import { Expected } from './command-line';

const SEGMENT = /^(?!\.+$)[\w.~-]+$/;

/** A base path as people write it, as one without a slash at its end: nothing for the root. */
export function readBasePath(text = '/'): string {
  const segments = text.split('/').filter((segment) => segment !== '');
  if (segments.every((segment) => SEGMENT.test(segment))) return segments.map((segment) => `/${segment}`).join('');
  throw new Expected('a path like /playground, of letters, digits and . _ ~ -');
}

/** What a request stands for at the root, or where to ask instead: what is relative to a folder needs its slash. */
export type Entry = { readonly url: string } | { readonly location: string };

/** A proxy may take a prefix off or leave it on: both are answered alike. */
export function enterBelow(basePath: string, url = '/'): Entry {
  const rest = url.slice(basePath.length);
  if (basePath === '' || !url.startsWith(basePath) || !/^([/?]|$)/.test(rest)) return { url };
  return rest.startsWith('/') ? { url: rest } : { location: `${basePath}/${rest}` };
}
