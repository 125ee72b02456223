import { uint8ArrayToHex } from 'uint8array-extras';

/** What says to which trace a request belongs: version 00, trace, parent span, flags (W3C Trace Context, 3.2). */
export const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The beginning of a trace by a device that reports no spans itself: those who do find each other by it. `random` fills
 * bytes with what nobody can guess.
 */
export function newTraceparent(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const hex = uint8ArrayToHex(random(new Uint8Array(24)));
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-00`;
}

/** By which name a trace is looked up. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}
