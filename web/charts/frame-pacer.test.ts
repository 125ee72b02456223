import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FramePacer } from './frame-pacer';

const FRAME_MS = 16;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('performance', { now: () => Date.now() });
  vi.stubGlobal('requestAnimationFrame', (frame: (now: number) => void) =>
    Number(setTimeout(() => frame(Date.now()), FRAME_MS)),
  );
  vi.stubGlobal('cancelAnimationFrame', (id: number) => clearTimeout(id));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Asks for a drawing every frame; says how many were made, and which was the last. */
function drawFor(frames: number, drawingMs: number): { readonly drawn: number; readonly last: number | undefined } {
  const pacer = new FramePacer();
  const drawn: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    pacer.draw(() => {
      drawn.push(frame);
      vi.setSystemTime(Date.now() + drawingMs);
    });
    vi.advanceTimersByTime(FRAME_MS);
  }
  vi.runAllTimers();
  return { drawn: drawn.length, last: drawn.at(-1) };
}

it('draws every frame where that is quick', () => {
  expect(drawFor(50, 1)).toEqual({ drawn: 50, last: 49 });
});

it('takes a quarter of the time where drawing is slow, and ends with the latest', () => {
  const { drawn, last } = drawFor(100, 30);
  expect(last).toBe(99);
  // 30 ms of drawing, then 90 of rest.
  expect(drawn).toBeGreaterThan(10);
  expect(drawn).toBeLessThan(20);
});

it('draws once a frame, however often it is asked', () => {
  const pacer = new FramePacer();
  const drawing = vi.fn();
  for (const picture of [1, 2, 3]) pacer.draw(() => drawing(picture));
  expect(drawing).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(drawing.mock.calls).toEqual([[3]]);
});

it('draws nothing once it is stopped', () => {
  const pacer = new FramePacer();
  const drawing = vi.fn();
  pacer.draw(drawing);
  pacer.stop();
  vi.runAllTimers();
  expect(drawing).not.toHaveBeenCalled();
});
