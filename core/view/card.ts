import { TIERS, type TierName } from '../layers';
import { fixed } from '../numbers/fixed';
import { flowOf, footX } from './flow';
import { escapeHtml } from './html';
import type { ReplayedView } from './replayed-view';
import { settingsInWords } from './settings-words';

/** Of pictures beside links, as those who preview them want it. */
export const CARD_SIZE = { width: 1200, height: 630 } as const;

/** The page's colours in light (`web/design/tokens.css`): a picture is seen on anybody's page. */
const COLOURS = {
  ...{ paper: '#f7f6f2', card: '#ffffff', ink: '#17191d', muted: '#5c6169', line: '#e2dfd6' },
  ...{ mobile: '#b8431a', edge: '#0a6b72', cloud: '#4a46c4' },
} as const;
const TIER_WORDS: Readonly<Record<TierName, string>> = { mobile: 'This device', edge: 'Edge', cloud: 'Cloud' };

const MARGIN = 64;
const FLOW = { top: 300, thickness: 104, bottom: 474 } as const;
/** Characters that fit a line of the title, and of the smaller words. */
const MOST = { title: 58, words: 118 } as const;

/** What a picture of a view needs to know of it. */
export type CardView = Omit<ReplayedView, 'fields'>;

/** In words: what was set, and what that does on the rows that were recorded. */
export function cardWords({ task, policy, evaluation }: CardView): string {
  const { summary, quality } = evaluation;
  const rows = summary.rows.toLocaleString('en');
  return `${policy.name} on ${task.name}: ${percent(summary.costCutPercent)} of compute saved at ${percent(100 * quality.accuracy)} accuracy (${percent(100 * quality.accuracyAtLastExit)} with all layers), on the ${rows} rows of the dev split.`;
}

/** A picture of a view as SVG: the ribbons of its ladder and three figures. */
export function cardSvg(view: CardView): string {
  const { width, height } = CARD_SIZE;
  const { task } = view;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter">`,
    `<rect width="${width}" height="${height}" fill="${COLOURS.paper}"/>`,
    text(MARGIN, 64, `DIMEE Playground · ${task.name}`, { size: 20, fill: COLOURS.muted }),
    text(MARGIN, 112, shortened(task.question, MOST.title), { size: 35, weight: 600 }),
    ...figuresOf(view).map((figure, index) => figureSvg(figure, MARGIN + index * 372)),
    `<g transform="translate(${MARGIN} 0)">${ladderSvg(view, width - 2 * MARGIN)}</g>`,
    text(MARGIN, 592, shortened(settingsInWords(view), MOST.words), { size: 18, fill: COLOURS.muted }),
    '</svg>',
  ].join('\n');
}

interface Figure {
  readonly value: string;
  readonly name: string;
}

function figuresOf({ evaluation, layers }: CardView): readonly Figure[] {
  const { summary, quality } = evaluation;
  const points = fixed(100 * (quality.accuracy - quality.accuracyAtLastExit), 1);
  const apart = `${points.replace('-', '')} points ${points.startsWith('-') ? 'below' : 'above'}`;
  return [
    { value: percent(summary.costCutPercent), name: 'compute saved against all cloud' },
    {
      value: percent(100 * quality.accuracy),
      name: `accuracy, ${Number(points) === 0 ? 'as with' : apart} all ${layers} layers`,
    },
    { value: fixed(summary.meanLayers, 1), name: `of ${layers} layers run on average` },
  ];
}

function figureSvg({ value, name }: Figure, x: number): string {
  return text(x, 190, value, { size: 52, weight: 600 }) + text(x, 222, name, { size: 19, fill: COLOURS.muted });
}

/** The stream through the layers, and the ribbon of those settled at each. */
function ladderSvg({ evaluation, stretches, layers }: CardView, width: number): string {
  const { exitsByLayer, rows } = evaluation.summary;
  const tierOf = (layer: number) =>
    stretches.find(({ lastLayer }) => layer <= lastLayer)?.tier ?? TIERS[TIERS.length - 1] ?? 'cloud';
  const bands = stretches.map(({ tier, firstLayer, lastLayer }) => {
    const [x, end] = [((firstLayer - 1) * width) / layers, (lastLayer * width) / layers];
    const band = `<rect x="${x + 2}" y="252" width="${end - x - 4}" height="288" rx="14" fill="${COLOURS[tier]}" fill-opacity="0.08"/>`;
    return band + text(x + 16, 280, TIER_WORDS[tier], { size: 18, weight: 600, fill: COLOURS[tier] });
  });
  const flow = flowOf(exitsByLayer, rows, { ...FLOW, width }).map(({ layer, stream, ribbon, leaving }) => {
    const fill = COLOURS[tierOf(layer)];
    const share = 100 * leaving;
    const foot = { size: 17, weight: 600, anchor: 'middle' } as const;
    return [
      `<path d="${stream}" fill="${fill}" fill-opacity="0.32"/>`,
      ribbon && `<path d="${ribbon}" fill="${fill}" fill-opacity="0.85"/>`,
      share > 0 && text(footX(layer, layers, width), 502, share < 0.5 ? '<1 %' : `${fixed(share, 0)} %`, foot),
      text(footX(layer, layers, width), 528, `${layer}`, { size: 15, fill: COLOURS.muted, anchor: 'middle' }),
    ].filter(Boolean);
  });
  return [...bands, ...flow.flat()].join('\n');
}

interface Look {
  readonly size: number;
  readonly weight?: number;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle';
}

function text(x: number, y: number, words: string, { size, weight = 400, fill = COLOURS.ink, anchor = 'start' }: Look) {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeHtml(words)}</text>`;
}

function shortened(words: string, most: number): string {
  return words.length <= most ? words : `${words.slice(0, most - 1).trimEnd()}…`;
}

function percent(value: number): string {
  return `${fixed(value, 1)} %`;
}
