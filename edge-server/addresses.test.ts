import { describe, expect, test } from 'vitest';
import { addressLines } from './addresses';

const laptop = { addresses: ['192.168.1.20', 'fd12::20'], isContainer: false };
const container = { addresses: ['172.17.0.2'], isContainer: true };

describe('where the server is, and who can reach it', () => {
  test.each([
    ['127.0.0.1', 'http://localhost:8787'],
    ['localhost', 'http://localhost:8787'],
    ['0.0.0.0', 'http://localhost:8787'],
    ['::', 'http://localhost:8787'],
    ['192.168.1.20', 'http://192.168.1.20:8787'],
    ['fd12::20', 'http://[fd12::20]:8787'],
  ])('listening on %s it is at %s', (host, address) => {
    expect(addressLines({ tier: 'edge', host, basePath: '' }, 8787, laptop)[0]).toBe(`DIMEE Playground: ${address}`);
  });

  test('a cloud tier says where tiers find it', () => {
    const [line] = addressLines({ tier: 'cloud', host: '127.0.0.1', basePath: '' }, 8788, laptop);
    expect(line).toBe('DIMEE Playground, cloud tier: ws://localhost:8788/v1/tier');
  });

  test.each([
    ['edge', 'http://localhost:8787/play/'],
    ['cloud', 'ws://localhost:8787/play/v1/tier'],
  ] as const)('with a base path, a tier “%s” is at %s', (tier, address) => {
    const [line] = addressLines({ tier, host: '127.0.0.1', basePath: '/play' }, 8787, laptop);
    expect(line).toMatch(new RegExp(`: ${address}$`));
  });

  test.each([
    ['127.0.0.1', laptop, /^Only this machine .*--host 0\.0\.0\.0/],
    ['::1', laptop, /^Only this machine/],
    ['0.0.0.0', laptop, /can connect: http:\/\/192\.168\.1\.20:8787$/],
    ['::', laptop, /can connect: http:\/\/192\.168\.1\.20:8787 http:\/\/\[fd12::20\]:8787$/],
    ['192.168.1.20', laptop, /^Whoever reaches that address/],
    ['127.0.0.1', container, /^This is a container: .*--host 0\.0\.0\.0/],
    ['0.0.0.0', container, /published port can connect\.$/],
  ])('listening on %s, it says who can connect', (host, surroundings, sentence) => {
    expect(addressLines({ tier: 'edge', host, basePath: '' }, 8787, surroundings)[1]).toMatch(sentence);
  });
});
