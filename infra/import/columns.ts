/** Compares the columns of tables with those that upstream prints (pkg/printers/internalversion/printers.go). */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../build/bundle-options.ts';
import { withoutComments } from './go-text.ts';
import type { Sources } from './modules.ts';
import type { Report } from './report.ts';

const PRINTERS = 'pkg/printers/internalversion/printers.go';
const COLUMNS = join(root, 'shared/rest/table/columns.json');
const OVERRIDES = join(root, 'infra/import/overrides/columns.json');

const DEFINITIONS = /(\w+) :?= (?:append\(\1, )?\[\]metav1\.TableColumnDefinition\{\n([\s\S]*?)\n\t\}/g;
const COLUMN = /\{Name: "([^"]+)"((?:[^{}]|\{\})*)\}/g;
const PRIORITY = /Priority:\s+(\d+)/;
const HANDLER = /h\.TableHandler\((\w+), (print\w+)\)/g;
const PRINTER = /^func (print\w+)\(\w+ \*(\w+)\.(\w+), /gm;

type Columns = Readonly<Record<string, readonly { readonly name?: string; readonly priority?: number }[]>>;

/** `Pod: Name, Ready, IP (1)`, by kind and the package of its internal type, such as `Pod.core`. */
function printedColumns(text: string): Map<string, string> {
  const definitions = new Map<string, string>();
  for (const [, name, body] of text.matchAll(DEFINITIONS)) {
    const columns = [...body!.matchAll(COLUMN)].map(([, column, rest]) =>
      nameOf(column!, Number(PRIORITY.exec(rest!)?.[1] ?? 0)),
    );
    definitions.set(name!, [definitions.get(name!) ?? [], columns].flat().join(', '));
  }
  const kinds = new Map(
    [...text.matchAll(PRINTER)].map(([, name, group, kind]) => [name!, `${kind}.${group}`]),
  );
  return new Map(
    [...text.matchAll(HANDLER)].flatMap(([, name, printer]): [string, string][] => {
      const kind = kinds.get(printer!);
      const columns = definitions.get(name!);
      return kind === undefined || columns === undefined || printer!.endsWith('List')
        ? []
        : [[kind, columns]];
    }),
  );
}

/** Cells without a name have no column upstream. */
const shownColumns = (columns: Columns[string]): string =>
  columns
    .flatMap(({ name, priority = 0 }) => (name === undefined ? [] : [nameOf(name, priority)]))
    .join(', ');

const nameOf = (name: string, priority: number): string => (priority === 0 ? name : `${name} (${priority})`);

/** Reports kinds whose columns are not those of the release. */
export function compareColumns(sources: Sources, report: Report): void {
  const text = withoutComments(sources.text('kubernetes', PRINTERS) ?? '');
  const own = JSON.parse(readFileSync(COLUMNS, 'utf8')) as Columns;
  const { unused } = JSON.parse(readFileSync(OVERRIDES, 'utf8')) as {
    unused: { kinds: readonly string[] };
  };
  for (const [printed, columns] of printedColumns(text)) {
    if (unused.kinds.includes(printed)) continue;
    const [kind, group] = printed.split('.') as [string, string];
    const ofKind = Object.entries(own).filter(([key]) => key.split('.')[0] === kind);
    const isKnown = ofKind.some(([, known]) => shownColumns(known) === columns);
    if (!isKnown) report.add('columns: differ', `${group} ${kind}: ${columns}`);
  }
}
