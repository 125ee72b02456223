import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DimeeError } from '../core/errors';
import { LIMITS } from '../core/protocol/limits';
import type { Option } from './command-line';

/** Short ones can be guessed. */
const SHORTEST = 16;
const EXPECTED = `${SHORTEST} to ${LIMITS.maxTokenLength} printable characters without spaces; “openssl rand -hex 32” makes some`;

/** What only those know who may come in. Nothing prints it by accident: who needs it as it is written asks for that. */
export class Secret {
  readonly #text: string;
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#text = text;
    this.#digest = digestOf(text);
  }

  reveal(): string {
    return this.#text;
  }

  /** In a time that says nothing of how much is right. */
  matches(shown: string): boolean {
    return timingSafeEqual(digestOf(shown), this.#digest);
  }
}

/** An option that is a secret: in a file, or itself in the environment, never on the command line, where `ps` shows it. */
export function secretFile(variable: string, help: string): Option<Secret | undefined> {
  return {
    placeholder: 'FILE',
    variable,
    help: `${help}; the variable holds the token itself`,
    read: (path) => (path === undefined ? undefined : secretOf(contentOf(path), 'The token in that file')),
    readVariable: (text) => secretOf(text, variable),
  };
}

/** @throws DimeeError `BAD_CONFIGURATION`, which does not say what came. */
function secretOf(text: string, name: string): Secret {
  const trimmed = text.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed) && trimmed.length >= SHORTEST && trimmed.length <= LIMITS.maxTokenLength) {
    return new Secret(trimmed);
  }
  throw new DimeeError('BAD_CONFIGURATION', `${name} must be ${EXPECTED}.`);
}

/** Whoever gives the token in place of a file is not to find it in a log. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    const problem = `The file of a token could not be read (${code}). It must hold ${EXPECTED}.`;
    throw new DimeeError('BAD_CONFIGURATION', problem);
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
