import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { Expected } from './command-line';
import { readProxies } from './client-address';
import { isAllowedOrigin, isAskedByOwnName, type NameRules, originFor, readHosts, readOrigins } from './names';

const RULES: NameRules = { host: '127.0.0.1', allowHost: undefined, allowOrigin: undefined, trustedProxies: undefined };
const BEHIND_PROXY = { ...RULES, trustedProxies: readProxies('127.0.0.1') };

const asked = (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

describe('The name under which a server is asked', () => {
  test.each([
    ['localhost:8787', true],
    ['LOCALHOST', true],
    ['127.0.0.1:8787', true],
    ['192.168.1.20:8787', true],
    ['[::1]:8787', true],
    ['laptop:8787', true],
    ['laptop.local:8787', true],
    ['edge.localhost', true],
    ['evil.example:8787', false],
    ['evil.example', false],
    ['evil.example.', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['evil.example@localhost', false],
    ['', false],
  ])('“%s”: its own %s', (host, isOwn) => {
    expect(isAskedByOwnName(asked({ host }), RULES)).toBe(isOwn);
  });

  test('may be the one it listens at, and those it is told', () => {
    expect(isAskedByOwnName(asked({ host: 'edge.example' }), { ...RULES, host: 'Edge.example' })).toBe(true);
    const rules = { ...RULES, allowHost: readHosts('edge.example, *.Lab.example') };
    expect(isAskedByOwnName(asked({ host: 'edge.example:443' }), rules)).toBe(true);
    expect(isAskedByOwnName(asked({ host: 'a.b.lab.example' }), rules)).toBe(true);
    expect(isAskedByOwnName(asked({ host: 'lab.example' }), rules)).toBe(false);
    expect(isAskedByOwnName(asked({ host: 'evil-edge.example' }), rules)).toBe(false);
    expect(isAskedByOwnName(asked({ host: 'any.example' }), { ...RULES, allowHost: readHosts('*') })).toBe(true);
  });

  test('is a trusted proxy’s own matter, and nobody else’s', () => {
    expect(isAskedByOwnName(asked({ host: 'play.example' }), BEHIND_PROXY)).toBe(true);
    expect(isAskedByOwnName(asked({ host: 'play.example' }, '10.0.0.9'), BEHIND_PROXY)).toBe(false);
  });

  test.each(['', 'https://edge.example', 'a b', '*.', 'a..b', 'edge.example:80'])('is no %j', (text) => {
    expect(() => readHosts(text)).toThrow(Expected);
  });
});

describe('The origin of a page that asks', () => {
  test.each([
    ['http://localhost:8787', 'localhost:8787', true],
    ['http://LOCALHOST:8787', 'localhost:8787', true],
    ['http://[::1]:8787', '[::1]:8787', true],
    ['https://play.example:8443', 'play.example', true],
    ['https://evil.example', 'localhost:8787', false],
    ['http://localhost:3000', 'localhost:8787', false],
    ['http://127.0.0.1:8787', 'localhost:8787', false],
    ['http://localhost:8787.evil.example', 'localhost:8787', false],
    ['null', 'localhost:8787', false],
    ['file://localhost:8787', 'localhost:8787', false],
  ])('%s at %s: may %s', (origin, host, may) => {
    expect(isAllowedOrigin(asked({ origin, host }), RULES)).toBe(may);
  });

  test('is none of a program', () => expect(isAllowedOrigin(asked({ host: 'localhost:8787' }), RULES)).toBe(true));

  test('may be named, or any', () => {
    const rules = { ...RULES, allowOrigin: readOrigins('https://You.github.io/, null') };
    expect(isAllowedOrigin(asked({ origin: 'https://you.github.io', host: 'a' }), rules)).toBe(true);
    expect(isAllowedOrigin(asked({ origin: 'null', host: 'a' }), rules)).toBe(true);
    expect(isAllowedOrigin(asked({ origin: 'https://you.github.io:8443', host: 'a' }), rules)).toBe(false);
    const any = { ...RULES, allowOrigin: readOrigins('*') };
    expect(isAllowedOrigin(asked({ origin: 'https://evil.example', host: 'a' }), any)).toBe(true);
  });

  test('is that of a page behind a proxy by what a trusted one says, and by nothing that others say', () => {
    const headers = { origin: 'https://play.example', host: '127.0.0.1:8787', 'x-forwarded-host': 'play.example' };
    expect(isAllowedOrigin(asked(headers), BEHIND_PROXY)).toBe(true);
    expect(isAllowedOrigin(asked(headers), RULES)).toBe(false);
  });

  test.each(['', 'you.github.io', 'https://a/b', 'https://a, '])('is no %j', (text) => {
    expect(() => readOrigins(text)).toThrow(Expected);
  });
});

test('How addresses begin is what a trusted proxy says, and nothing that others say', () => {
  const headers = { host: 'here:8787', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'play.example' };
  expect(originFor(asked(headers), BEHIND_PROXY.trustedProxies)).toBe('https://play.example');
  expect(originFor(asked(headers), undefined)).toBe('http://here:8787');
  expect(originFor(asked({ host: 'play.example', 'x-forwarded-proto': 'https' }), BEHIND_PROXY.trustedProxies)).toBe(
    'https://play.example',
  );
});
