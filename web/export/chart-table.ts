import { Chart } from 'chart.js';
import { csvOf } from '../../core/own-data/csv';

/** The numbers of a chart as CSV: a row for each point of each series that is seen. */
export function csvOfChart(canvas: HTMLCanvasElement): string {
  const chart = Chart.getChart(canvas);
  if (!chart) throw new Error('There is no chart whose numbers could be written.');
  const { labels = [], datasets } = chart.data;
  const rows = datasets.flatMap(({ label = '', data }, index) =>
    chart.isDatasetVisible(index)
      ? data.map((point, place) => {
          const [x, y] = pointOf(point, labels[place]);
          return [label, x, y];
        })
      : [],
  );
  return csvOf(['series', 'x', 'y'], rows);
}

type Written = string | number | undefined;

/** A bar's value stands at a label, a line's point where it says. */
function pointOf(point: unknown, label: unknown): [Written, Written] {
  if (typeof point === 'object' && point !== null && 'x' in point && 'y' in point) {
    return [point.x as Written, point.y as Written];
  }
  return [
    typeof label === 'string' || typeof label === 'number' ? label : '',
    typeof point === 'number' ? point : undefined,
  ];
}
