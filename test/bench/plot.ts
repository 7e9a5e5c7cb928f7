/** Draws the rates in a page of results as SVG bar charts: one for each table column of figures per second. */

interface Bar {
  readonly label: string;
  readonly value: number;
  /** The label beside the bar. */
  readonly shown: string;
}

interface Chart {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** Matches the head of a column of rates. */
const RATE = /per second|a second/;
const ROW = /^\|(.+)\|$/;

/** The SVG for a page; undefined if none of its tables has rates. */
export function plotRates(section: string, markdown: string): string | undefined {
  const charts = tablesOf(markdown).flatMap(chartsOf);
  return charts.length === 0 ? undefined : draw(section, charts);
}

type Table = readonly (readonly string[])[];

/** Tables of the page, each beginning with its head. */
function tablesOf(markdown: string): Table[] {
  const tables: string[][][] = [];
  let table: string[][] | undefined;
  for (const line of markdown.split('\n')) {
    const cells = ROW.exec(line)?.[1]
      ?.split('|')
      .map((cell) => cell.trim());
    if (cells === undefined) table = undefined;
    else if (table === undefined) {
      table = [cells];
      tables.push(table);
    } else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) table.push(cells);
  }
  return tables;
}

/** One chart per column of rates; the columns before the first of them identify the row. */
function chartsOf([head = [], ...rows]: Table): Chart[] {
  const columns = head.flatMap((name, index) => (index > 0 && RATE.test(name) ? [index] : []));
  const first = columns[0] ?? 0;
  return columns.flatMap((column) => {
    const bars = rows.flatMap((row): Bar[] => {
      const value = parseRate(row[column] ?? '');
      if (value === undefined) return [];
      const label = row
        .slice(0, first)
        .map((cell, index) => (/^\d+$/.test(cell) ? `${cell} ${head[index]}` : cell))
        .join(', ');
      return [{ label, value, shown: row[column]! }];
    });
    return bars.length === 0 ? [] : [{ title: head[column]!, bars }];
  });
}

/** `1529`, `68k`, `1.0k`; undefined if the cell is not a number. */
function parseRate(cell: string): number | undefined {
  const [, digits, thousands] = /^([\d.]+)(k?)/.exec(cell.replaceAll(',', '')) ?? [];
  return digits === undefined ? undefined : Number(digits) * (thousands === 'k' ? 1000 : 1);
}

const WIDTH = 860;
const LABELS = 380;
const FIGURES = 90;
const BAR = 16;
const GAP = 5;
const HEAD = 34;

function draw(section: string, charts: readonly Chart[]): string {
  const parts: string[] = [];
  let y = 0;
  for (const { title, bars } of charts) {
    parts.push(text(0, y + 22, title, 'class="title"'));
    y += HEAD;
    const most = Math.max(...bars.map(({ value }) => value));
    for (const { label, value, shown } of bars) {
      const length = Math.max(1, Math.round(((WIDTH - LABELS - FIGURES) * value) / (most || 1)));
      const middle = y + BAR - 4;
      parts.push(
        text(LABELS - 8, middle, label, 'text-anchor="end"'),
        `<rect x="${LABELS}" y="${y}" width="${length}" height="${BAR}" rx="2"/>`,
        text(LABELS + length + 6, middle, shown),
      );
      y += BAR + GAP;
    }
    y += GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${escaped(section)}">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-weight:600}rect{fill:#326ce5}</style>',
    ...parts,
    '</svg>\n',
  ].join('\n');
}

const text = (x: number, y: number, content: string, attributes = '') =>
  `<text x="${x}" y="${y}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`;

const escaped = (content: string): string =>
  content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
