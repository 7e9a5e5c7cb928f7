/** Renders the dashboard of infra/deploy/observe.yaml from its definition, with made-up figures. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { highest } from '../../shared/util/extremes.ts';
import { root } from './bundle-options.ts';
import { parsePlainTemplate } from './plain-template.ts';

type Metric = readonly (string | MetricOptions)[];
interface MetricOptions {
  readonly expression?: string;
  readonly label?: string;
  readonly stat?: string;
  readonly visible?: boolean;
}
interface Widget {
  readonly type: 'text' | 'metric' | 'log';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly query?: string;
    readonly stacked?: boolean;
    readonly metrics?: readonly Metric[];
  };
}

/** Path of the picture. */
export const DASHBOARD_PICTURE = join(root, 'infra/deploy/dashboard.svg');

/** Pixels per cell of CloudWatch's grid. */
const COLUMN = 50;
const ROW = 40;
const MARGIN = 10;
const LEGEND = 14;
const LABELS_A_ROW = 3;
const HOURS = 24;
const COLOURS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#17becf', '#7f7f7f'];

function widgetsOf(template: string): readonly Widget[] {
  const { Resources } = parsePlainTemplate<{
    Resources: { Dashboard: { Properties: { DashboardBody: string } } };
  }>(template);
  const body = Resources.Dashboard.Properties.DashboardBody.replaceAll(/\$\{AWS::Region\}/g, 'us-east-1');
  return (JSON.parse(body.replaceAll(/\$\{\w+\}/g, '512')) as { widgets: Widget[] }).widgets;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const text = (x: number, y: number, size: number, what: string, more = ''): string =>
  `<text x="${x}" y="${y}" font-size="${size}"${more}>${escaped(what)}</text>`;

/** Values between 0 and 1 by the hour: a working day, varied by name. */
function figures(name: string): number[] {
  let seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  return Array.from({ length: HOURS }, (_, hour) => {
    seed = (seed * 137 + 71) % 9973;
    const day = Math.sin((Math.PI * Math.max(0, hour - 6)) / 16) ** 2;
    return 0.15 + 0.5 * day + 0.35 * (seed / 9973);
  });
}

interface Line {
  readonly label: string;
  readonly values: readonly number[];
}

/** The widget's visible lines; metrics that only expressions use are hidden. */
function linesOf(metrics: readonly Metric[]): Line[] {
  return metrics.flatMap((metric) => {
    const last = metric.at(-1)!;
    const options: MetricOptions = typeof last === 'object' ? last : {};
    if (options.visible === false) return [];
    const [namespace, name, , value] = metric.filter((part) => typeof part === 'string') as string[];
    const made = [value ?? name ?? namespace, options.stat?.startsWith('p') ? options.stat : undefined];
    const label = options.label || made.filter(Boolean).join(' ') || (options.expression ?? '');
    return { label, values: figures(`${label} ${name} ${options.stat}`) };
  });
}

function chart(
  { width, height }: { width: number; height: number },
  lines: readonly Line[],
  isStacked: boolean,
): string {
  const stacked = lines.map(({ values }, n) =>
    isStacked
      ? values.map((_, hour) => lines.slice(0, n + 1).reduce((sum, line) => sum + line.values[hour]!, 0))
      : values,
  );
  const top = highest(stacked.flat(), 1);
  const rows = Math.ceil(lines.length / LABELS_A_ROW);
  const [left, upper, bottom] = [MARGIN, 28, height - MARGIN - LEGEND * rows];
  const x = (hour: number) => Math.round(left + ((width - 2 * MARGIN) * hour) / (HOURS - 1));
  const y = (value: number) => Math.round(bottom - ((bottom - upper) * value) / top);
  const axis = `<path d="M${left} ${upper}V${bottom}H${width - MARGIN}" fill="none" stroke="#aab7b8"/>`;
  const drawn = stacked.map((values, n) => {
    const points = values.map((value, hour) => `${x(hour)},${y(value)}`).join(' ');
    return `<polyline points="${points}" fill="none" stroke="${COLOURS[n % COLOURS.length]}" stroke-width="1.5"/>`;
  });
  const legend = lines.map(({ label }, n) => {
    const column = left + (n % LABELS_A_ROW) * Math.floor((width - 2 * MARGIN) / LABELS_A_ROW);
    const row = bottom + LEGEND * (1 + Math.floor(n / LABELS_A_ROW));
    return text(column, row, 9, `■ ${label}`, ` fill="${COLOURS[n % COLOURS.length]}"`);
  });
  return [axis, ...drawn, ...legend].join('');
}

/** The columns of a query's table. */
function columnsOf(query: string): string[] {
  const stats = /stats (.*?) by (\w+)/.exec(query);
  return stats === null ? [] : [stats[2]!, ...[...stats[1]!.matchAll(/ as (\w+)/g)].map(([, name]) => name!)];
}

function drawWidget({ type, x, y, width, height, properties }: Widget): string {
  const size = { width: width * COLUMN - 4, height: height * ROW - 4 };
  const { title = '', markdown = '', query = '', metrics = [], stacked = false } = properties;
  const content = {
    text: () =>
      markdown
        .split('\n')
        .map((line, n) =>
          text(MARGIN, 24 + 20 * n, n === 0 ? 16 : 11, line.replace(/^# /, '').replaceAll('`', '')),
        )
        .join(''),
    metric: () => text(MARGIN, 18, 12, title, ' font-weight="bold"') + chart(size, linesOf(metrics), stacked),
    log: () =>
      text(MARGIN, 18, 12, title, ' font-weight="bold"') +
      columnsOf(query)
        .map((name, n) => text(MARGIN + n * 140, 42, 11, name, ' fill="#545b64"'))
        .join(''),
  }[type]();
  const frame = `<rect width="${size.width}" height="${size.height}" fill="#fff" stroke="#d5dbdb"/>`;
  return `<g transform="translate(${x * COLUMN} ${y * ROW})">${frame}${content}</g>`;
}

/** `template`: the text of observe.yaml. */
export function drawDashboard(template: string): string {
  const widgets = widgetsOf(template);
  const width = highest(widgets.map((widget) => widget.x + widget.width)) * COLUMN;
  const height = highest(widgets.map((widget) => widget.y + widget.height)) * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    '<title>The dashboard of observe.yaml, with figures that are made up</title>',
    `<rect width="${width}" height="${height}" fill="#f2f3f3"/>`,
    ...widgets.map(drawWidget),
    '</svg>\n',
  ].join('\n');
}

export const observeTemplate = (): string => readFileSync(join(root, 'infra/deploy/observe.yaml'), 'utf8');
