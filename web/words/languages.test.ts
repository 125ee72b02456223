import { expect, it } from 'vitest';
import { preferredLanguage } from './languages';

it('takes what was chosen before, whatever the browser asks for', () => {
  expect(preferredLanguage('en', ['de-AT', 'de'])).toBe('en');
  expect(preferredLanguage('de', ['en-US'])).toBe('de');
});

it('takes the first that the browser asks for and the page has', () => {
  expect(preferredLanguage(null, ['fr-CH', 'DE-ch', 'en'])).toBe('de');
  expect(preferredLanguage(null, ['en-US', 'de'])).toBe('en');
});

it('falls back to English', () => {
  expect(preferredLanguage(null, [])).toBe('en');
  expect(preferredLanguage(null, ['fr', 'den'])).toBe('en');
});

it('asks the browser where what is stored is no language of the page', () => {
  expect(preferredLanguage('xx', ['de'])).toBe('de');
});
