/** Where something is on the screen, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Between a card and what it belongs to, and between a card and the edge of the screen. */
const GAP = 8;

/** Where a card goes that says something of a target: below it, above where there is more room, and never over the edge. */
export function placeBeside(target: Box, card: Size, screen: Size): { readonly left: number; readonly top: number } {
  const [above, below] = [target.top, screen.height - target.top - target.height];
  const isBelow = below >= card.height + 2 * GAP || below >= above;
  const top = isBelow ? target.top + target.height + GAP : target.top - GAP - card.height;
  return {
    left: within(target.left + target.width / 2 - card.width / 2, card.width, screen.width),
    top: within(top, card.height, screen.height),
  };
}

function within(wanted: number, size: number, screen: number): number {
  return Math.max(Math.min(wanted, screen - size - GAP), GAP);
}
