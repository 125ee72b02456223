import type { EventEmitter } from 'node:events';
import { DimeeError } from '../core/errors';
import { type Environment, Expected } from './command-line';
import type { Driver } from 'unstorage';

/** Where short links are kept: in this process, in a folder, or in a store that several servers share. */
export type LinkPlace =
  | { readonly kind: 'memory' }
  | { readonly kind: 'files'; readonly folder: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly endpoint: string; readonly region: string };

const MAX_IN_MEMORY_BYTES = 64 * 2 ** 20;
/** In front of every key of a store that others may use, too. */
const PREFIX = 'dimee-link';
/** A page that asks for a link does not wait for a store that is away. */
const REDIS_PATIENCE = { connectTimeout: 3000, commandTimeout: 3000, maxRetriesPerRequest: 1 };

/** A folder, `redis://host:port/db` or `s3://bucket?endpoint=https://…&region=…`. @throws Expected for other addresses. */
export function readLinkPlace(text: string): LinkPlace {
  const scheme = /^(\w+):\/\//.exec(text)?.[1];
  if (scheme === undefined && text !== '') return { kind: 'files', folder: text };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (scheme === 'redis' || scheme === 'rediss')) return { kind: 'redis', url: text };
  if (url && scheme === 's3' && url.hostname !== '') {
    const region = url.searchParams.get('region') ?? 'us-east-1';
    const endpoint = url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`;
    if (URL.canParse(endpoint)) return { kind: 's3', bucket: url.hostname, endpoint, region };
  }
  throw new Expected('a folder, an address like redis://localhost:6379, or one like s3://bucket?endpoint=https://…');
}

/**
 * What keeps links there. Its package is loaded when it is asked for, since few servers need it.
 * @throws DimeeError `BAD_CONFIGURATION` where the package or a key to the store is missing.
 */
export async function driverOf(place: LinkPlace, environment: Environment): Promise<Driver> {
  switch (place.kind) {
    case 'memory':
      return (await import('unstorage/drivers/lru-cache')).default({ maxSize: MAX_IN_MEMORY_BYTES });
    case 'files':
      return (await import('unstorage/drivers/fs-lite')).default({ base: place.folder });
    case 'redis': {
      const { default: redis } = await needing('ioredis', () => import('unstorage/drivers/redis'));
      const driver = redis({ url: place.url, base: PREFIX, ...REDIS_PATIENCE });
      // Whoever asks while it is away is told; without a listener it writes a stack trace at every try.
      (driver.getInstance?.() as EventEmitter | undefined)?.on('error', () => undefined);
      return driver;
    }
    case 's3': {
      const { default: s3 } = await needing('aws4fetch', () => import('unstorage/drivers/s3'));
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
      if (!accessKeyId || !secretAccessKey) {
        throw new DimeeError(
          'BAD_CONFIGURATION',
          'Links in S3 need its keys in the environment: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
        );
      }
      const { bucket, endpoint, region } = place;
      return s3({ bucket: `${bucket}/${PREFIX}`, endpoint, region, accessKeyId, secretAccessKey });
    }
  }
}

/** Loads what stands on a package that this project does not bring. @throws DimeeError `BAD_CONFIGURATION`, naming it. */
export async function needing<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const message = `Links are kept there by the package ${name}, which is not installed. Run “npm install ${name}”, then try again.`;
    throw new DimeeError('BAD_CONFIGURATION', message, { cause });
  }
}
