import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { DimeeError, messageOf } from '../core/errors';
import type { Configuration } from './configuration';

/** Certificate and key as they are configured; undefined where they are not. @throws DimeeError `BAD_CONFIGURATION` */
export async function readTls({ tlsCert, tlsKey }: Pick<Configuration, 'tlsCert' | 'tlsKey'>) {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  try {
    const tls = { cert: await readFile(tlsCert), key: await readFile(tlsKey) };
    createSecureContext(tls);
    return tls;
  } catch (cause) {
    const problem = `--tls-cert ${tlsCert} and --tls-key ${tlsKey} must be a certificate and its key in PEM`;
    throw new DimeeError('BAD_CONFIGURATION', `${problem} (${messageOf(cause)}).`, { cause });
  }
}
