import { expect, it } from 'vitest';
import { placeBeside } from './place';

const screen = { width: 320, height: 600 };
const card = { width: 280, height: 160 };

it('stands below its target, in the middle of it', () => {
  expect(placeBeside({ left: 150, top: 100, width: 20, height: 20 }, { width: 100, height: 50 }, screen)).toEqual({
    left: 110,
    top: 128,
  });
});

it('stands above where there is no room below', () => {
  const { top } = placeBeside({ left: 20, top: 560, width: 60, height: 20 }, card, screen);
  expect(top + card.height).toBeLessThanOrEqual(560);
});

it.each([-40, 0, 150, 310])('is whole on a narrow screen for a target at %i', (left) => {
  const placed = placeBeside({ left, top: 300, width: 30, height: 20 }, card, screen);
  expect(placed.left).toBeGreaterThanOrEqual(0);
  expect(placed.left + card.width).toBeLessThanOrEqual(screen.width);
});

it('begins on the screen, however tall it is', () => {
  const { top } = placeBeside({ left: 0, top: 300, width: 30, height: 20 }, { width: 280, height: 900 }, screen);
  expect(top).toBe(8);
});
