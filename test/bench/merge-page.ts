/** Merges pages of results, so that slow benchmarks can be run in portions. */

/** Columns that identify a row together with the first. */
const SUBJECTS: ReadonlySet<string> = new Set(['connections', 'objects', 'definitions', 'bindings']);
const ROW = /^\|(.+)\|$/;

interface Table {
  readonly head: string;
  /** The line of its first row, and the line after its last. */
  readonly from: number;
  readonly to: number;
}

/** `page` with the rows of `measured` replaced or added, in tables with the same head; all else is unchanged. */
export function mergePage(page: string, measured: string): string {
  const lines = page.split('\n');
  const fresh = measured.split('\n');
  for (const table of tablesOf(fresh)) {
    // Searched for each time, because added rows shift the following lines.
    const old = tablesOf(lines).find(({ head }) => head === table.head);
    if (old === undefined) throw new Error(`the page has no table with these columns: ${table.head}`);
    const rows = new Map<string, string>();
    for (const row of [...lines.slice(old.from, old.to), ...fresh.slice(table.from, table.to)])
      rows.set(subjectOf(table.head, row), row);
    lines.splice(old.from, old.to - old.from, ...rows.values());
  }
  return lines.join('\n');
}

function tablesOf(lines: readonly string[]): Table[] {
  const tables: Table[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!ROW.test(lines[at]!)) continue;
    const head = lines[at]!;
    const from = at + 2;
    while (at < lines.length && ROW.test(lines[at]!)) at++;
    tables.push({ head, from, to: at });
  }
  return tables;
}

function subjectOf(head: string, row: string): string {
  const names = cellsOf(head);
  return cellsOf(row)
    .filter((_, index) => index === 0 || SUBJECTS.has(names[index]!))
    .join('|');
}

const cellsOf = (line: string) =>
  ROW.exec(line)![1]!
    .split('|')
    .map((cell) => cell.trim());
