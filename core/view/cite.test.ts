import { expect, test } from 'vitest';
import { bibtexOf } from './cite';

const on = new Date('2026-03-04T23:00:00Z');

test('a citation names the paper, the version, the view and the day', () => {
  const bibtex = bibtexOf({ version: '1.2.3', address: 'https://play.example/#v=2&task=sst2', on });
  expect(bibtex).toContain('eprint = {2410.05338}');
  expect(bibtex).toContain('author = {Bajpai, Divya Jyoti and Hanawal, Manjesh Kumar}');
  for (const line of ['version = {1.2.3}', 'url = {https://play.example/#v=2&task=sst2}', 'urldate = {2026-03-04}']) {
    expect(bibtex).toContain(line);
  }
});

test('no address closes a field of it', () => {
  const bibtex = bibtexOf({ version: '1', address: 'https://play.example/#}, note = {\\x', on });
  expect(bibtex).toContain('url = {https://play.example/#%7D, note = %7B%5Cx}');
  expect(bibtex.match(/{/g)?.length).toBe(bibtex.match(/}/g)?.length);
});
