import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { clientOf, holderOf, isNear, readProxies } from './client-address';
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

describe('holderOf', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:0:7::1', '2001:db8:0:7::/64'],
    ['2001:0db8::7:1:2:3:4', '2001:db8:0:7::/64'],
    ['2001:db8:0:8::1', '2001:db8:0:8::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is counted as %s', (address, holder) => expect(holderOf(address)).toBe(holder));
});

test.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['10.200.0.1', true],
  ['172.31.0.1', true],
  ['192.168.1.20', true],
  ['fd12:3456::7', true],
  ['fe80::1%eth0', true],
  ['172.32.0.1', false],
  ['203.0.113.9', false],
  ['2001:db8::1', false],
  ['::ffff', true],
  ['', false],
])('%s is near: %s', (address, expected) => expect(isNear(holderOf(address))).toBe(expected));
