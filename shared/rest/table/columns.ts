/** The table columns of built-in kinds, compiled when a kind is first printed. */

import type { UnstructuredObject } from '../../meta/kube-object.ts';
import { formatGroupKind, type GroupKind } from '../../runtime/group-version.ts';
import type { CellRule, CellSource } from './cell.ts';
import { compileCell } from './cell-expression.ts';
import columnsText from './columns.json?raw';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0: always shown; greater: in wide output. */
  readonly priority: number;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly priority?: number;
  readonly from: string;
}

/** A kind's columns, and how a row is filled. */
export interface TableColumns {
  readonly definitions: readonly ColumnDefinition[];
  cells(object: UnstructuredObject): CellSource[];
}

const DEFAULT: readonly ColumnRow[] = [
  { name: 'Name', type: 'string', format: 'name', from: 'metadata.name' },
  { name: 'Created At', type: 'date', from: 'metadata.creationTimestamp' },
];

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'metadata.name': 'Name must be unique within a namespace.',
  'age(metadata.creationTimestamp)': 'Time since the object was created.',
};

let rows: Readonly<Record<string, readonly ColumnRow[]>> | undefined;
const compiled = new Map<string, TableColumns>();

/** The kind's columns; Name and Created At for kinds without columns of their own. */
export function columnsOf(kind: GroupKind): TableColumns {
  const key = formatGroupKind(kind);
  let columns = compiled.get(key);
  if (columns === undefined) {
    rows ??= JSON.parse(columnsText) as Record<string, ColumnRow[]>;
    columns = compileColumns(Object.hasOwn(rows, key) ? rows[key]! : DEFAULT);
    compiled.set(key, columns);
  }
  return columns;
}

/** Kinds that have columns of their own, as `Deployment.apps`. */
export function printedKinds(): string[] {
  rows ??= JSON.parse(columnsText) as Record<string, ColumnRow[]>;
  return Object.keys(rows);
}

function compileColumns(table: readonly ColumnRow[]): TableColumns {
  const rules: CellRule[] = table.map(({ from, type }) => compileCell(from, type));
  return {
    definitions: table.map(({ name, type, format = '', priority = 0, from }) => ({
      name,
      type,
      format,
      description: DESCRIPTIONS[from] ?? '',
      priority,
    })),
    cells: (object) => rules.map((compute) => compute(object)),
  };
}
