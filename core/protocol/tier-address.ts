import { TIER_PATH } from './socket';

/** The WebSocket address of a tier as people write it, or undefined where it is none. One without a path gets the protocol's. */
export function readTierUrl(text: string): string | undefined {
  if (!/^wss?:/i.test(text)) return undefined;
  try {
    const url = new URL(text);
    if (url.pathname === '/') url.pathname = TIER_PATH;
    url.hash = '';
    return url.href;
  } catch {
    return undefined;
  }
}
