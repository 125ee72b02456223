/* What a bare V8 lacks of the web's ways with bytes. */

/** @param characters a byte a character, as Python's Latin-1 has them. */
export function bytesOf(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

/** As much of `TextDecoder` as reads UTF-8 whole. */
export class Utf8Decoder {
  decode(bytes: Uint8Array): string {
    const encoded = Array.from(bytes, (byte) =>
      byte === 0x25 || byte > 0x7f ? escaped(byte) : String.fromCharCode(byte),
    );
    return decodeURIComponent(encoded.join(''));
  }
}

function escaped(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}
