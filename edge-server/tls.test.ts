import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { addressLines } from './addresses';
import { hasOpenssl, writeCertificate } from './testing/certificate';
import { startFakeServer } from './testing/fake-server';

const folder = mkdtempSync(join(tmpdir(), 'dimee-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

function get(port: number, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port, path: '/healthz', headers, rejectUnauthorized: false };
    request(options, (response) => void text(response).then(resolve, reject))
      .on('error', reject)
      .end();
  });
}

describe.skipIf(!hasOpenssl)('A server with a certificate', () => {
  const { key, certificate } = hasOpenssl ? writeCertificate(folder) : { key: '', certificate: '' };

  test('speaks https, to who offers HTTP/2 too, and nothing else', async () => {
    const server = await startFakeServer(['--tls-cert', certificate, '--tls-key', key]);
    expect(await get(server.port)).toContain('"status":"ok"');
    expect(await get(server.port, { Connection: 'Upgrade', Upgrade: 'h2c' })).toContain('"status":"ok"');
    await expect(fetch(server.httpUrl)).rejects.toThrow();
    await server.close();
  });

  test('needs a certificate and its key', async () => {
    await expect(startFakeServer(['--tls-cert', key, '--tls-key', key])).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining('--tls-cert'),
    });
    await expect(startFakeServer(['--tls-cert', certificate])).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' });
  });
});

test('The address printed says https, and wss of a cloud tier', () => {
  const around = { addresses: [], isContainer: false };
  const at = (tier: 'edge' | 'cloud') =>
    addressLines({ tier, host: '127.0.0.1', basePath: '', tlsCert: 'certificate.pem' }, 8787, around)[0];
  expect([at('edge'), at('cloud')]).toEqual([
    expect.stringContaining('https://localhost:8787'),
    expect.stringContaining('wss://localhost:8787/v1/tier'),
  ]);
});
