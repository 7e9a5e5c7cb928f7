/** Small elements of the page. Text is always set as text: data from servers is never parsed as HTML. */

import { highest } from '../../util/extremes.ts';

const SVG = 'http://www.w3.org/2000/svg';

export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly isNumber?: boolean;
  /** CSS class by the row's state: `good` or `bad`. */
  readonly tone?: (row: Row) => string;
}

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], empty: string): Node {
  if (rows.length === 0) return element('p', { class: 'faint' }, empty);
  const classOf = (column: Column<Row>, row?: Row) =>
    [column.isNumber ? 'number' : '', (row !== undefined && column.tone?.(row)) || ''].join(' ').trim();
  const cell = (name: string, text: string, className: string) =>
    element(name, className === '' ? {} : { class: className }, text);
  const head = element('tr', {}, ...columns.map((column) => cell('th', column.title, classOf(column))));
  const body = rows.map((row) =>
    element('tr', {}, ...columns.map((column) => cell('td', column.text(row), classOf(column, row)))),
  );
  return element('div', { class: 'scroll' }, element('table', {}, head, ...body));
}

export interface Series {
  readonly name: string;
  readonly points: readonly number[];
}

const WIDTH = 600;
const HEIGHT = 140;
const LEFT = 46;
const BOTTOM = 18;

/** A line chart over time, the newest point at the right. `times`: milliseconds since the epoch, one per point. */
export function lineChart(
  times: readonly number[],
  series: readonly Series[],
  format: (value: number) => string,
): Node {
  if (times.length < 2) return element('p', { class: 'faint' }, 'Measuring …');
  const top = niceMaximum(highest(series.flatMap(({ points }) => points)));
  const [first, last] = [times[0]!, times.at(-1)!];
  const x = (time: number) => LEFT + ((time - first) / (last - first)) * (WIDTH - LEFT - 4);
  const y = (value: number) => 6 + (1 - value / top) * (HEIGHT - BOTTOM - 6);
  const chart = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' });
  for (const value of [0, top / 2, top]) {
    chart.append(
      svg('line', { class: 'grid', x1: `${LEFT}`, x2: `${WIDTH - 4}`, y1: `${y(value)}`, y2: `${y(value)}` }),
      svg('text', { x: `${LEFT - 6}`, y: `${y(value) + 4}`, 'text-anchor': 'end' }, format(value)),
    );
  }
  for (const [time, anchor] of [
    [first, 'start'],
    [last, 'end'],
  ] as const) {
    const text = new Date(time).toLocaleTimeString();
    chart.append(svg('text', { x: `${x(time)}`, y: `${HEIGHT - 3}`, 'text-anchor': anchor }, text));
  }
  for (const [i, { points }] of series.entries()) {
    const path = points.map((value, at) => `${x(times[at]!).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    chart.append(svg('polyline', { class: `series-${i}`, points: path }));
  }
  const legend = series.map(({ name, points }, i) =>
    element('li', {}, element('i', { class: `series-${i}` }), `${name} ${format(points.at(-1) ?? 0)}`),
  );
  return element('div', {}, chart, element('ul', { class: 'legend' }, ...legend));
}

function svg(name: string, attributes: Readonly<Record<string, string>>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.textContent = text;
  return made;
}

/** 1, 2 or 5 times a power of ten, at least the value. */
function niceMaximum(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}
