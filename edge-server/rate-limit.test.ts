import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit';

test('a client has its burst at once, then one a while; others have their own', () => {
  let now = 5000;
  const limit = new RateLimit(3, 1000, () => now);
  const waits = () => limit.waitMs('10.0.0.1');
  expect([waits(), waits(), waits(), waits()]).toEqual([0, 0, 0, 1000]);
  expect(limit.waitMs('10.0.0.2')).toBe(0);
  now += 400;
  expect(waits()).toBe(600);
  now += 600;
  expect([waits(), waits()]).toEqual([0, 1000]);
  now += 60_000;
  expect([waits(), waits(), waits(), waits()]).toEqual([0, 0, 0, 1000]);
});

test('as many addresses as anybody likes do not fill the memory, nor free who asked just now', () => {
  const limit = new RateLimit(1, 1000, () => 0);
  for (let client = 0; client < 30_000; client++) expect(limit.waitMs(`client ${client}`)).toBe(0);
  expect(limit.waitMs('client 29999')).toBe(1000);
  expect(limit.waitMs('client 0')).toBe(0);
});
