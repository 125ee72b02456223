import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { clientOf, readProxies } from './client-address';
import { Expected } from './command-line';

const requestFrom = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

const proxies = readProxies('127.0.0.1, 10.0.0.0/8, fd00::/8');

describe('who asks', () => {
  test.each([
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['::ffff:127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['fd00::1', '2001:db8::5, 10.1.2.3', '2001:db8::5'],
    ['127.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['127.0.0.1', 'unknown', '127.0.0.1'],
    ['127.0.0.1', '10.0.0.7', '10.0.0.7'],
  ])('from %s by way of %s is %s', (address, forwarded, client) => {
    expect(clientOf(requestFrom(address, forwarded), proxies)).toBe(client);
  });

  test('is never what a stranger says of itself', () => {
    expect(clientOf(requestFrom('203.0.113.9', '192.0.2.1'), proxies)).toBe('203.0.113.9');
    expect(clientOf(requestFrom('127.0.0.1', '192.0.2.1'), undefined)).toBe('127.0.0.1');
  });

  test.each(['', 'proxy', '10.0.0.0/33', '10.0.0.0/x', '127.0.0.1,', '::/129'])('proxies are no %j', (text) => {
    expect(() => readProxies(text)).toThrow(Expected);
  });
});
