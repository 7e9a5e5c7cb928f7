/** Table columns of built-in kinds, compiled when a kind is first printed. */

import type { UnstructuredObject } from '../../meta/kube-object.ts';
import { formatGroupKind, type GroupKind } from '../../runtime/group-version.ts';
import type { CellRule, CellSource } from './cell.ts';
import { compileCell } from './cell-expression.ts';
import readColumns from './columns.json?text';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 if always shown, greater if only in wide output. */
  readonly priority: number;
}

interface ColumnRow {
  /** Unset for a cell for which upstream has no column. */
  readonly name?: string;
  readonly type?: string;
  readonly format?: string;
  readonly priority?: number;
  readonly from: string;
  /** Defaults to the description of the cell's source. */
  readonly description?: string;
}

/** The columns of a kind, and the function that fills a row. */
export interface TableColumns {
  readonly definitions: readonly ColumnDefinition[];
  cells(object: UnstructuredObject): CellSource[];
}

const DEFAULT: readonly ColumnRow[] = [
  { name: 'Name', type: 'string', format: 'name', from: 'metadata.name' },
  { name: 'Created At', type: 'date', from: 'metadata.creationTimestamp' },
];

/** Descriptions of cells that most kinds have. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'metadata.name':
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  'age(metadata.creationTimestamp)':
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  'metadata.creationTimestamp':
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
};

let rows: Readonly<Record<string, readonly ColumnRow[]>> | undefined;
const compiled = new Map<string, TableColumns>();

/** The kind's columns, or Name and Created At for kinds without their own. */
export function columnsOf(kind: GroupKind): TableColumns {
  const key = formatGroupKind(kind);
  let columns = compiled.get(key);
  if (columns === undefined) {
    rows ??= JSON.parse(readColumns()) as Record<string, ColumnRow[]>;
    columns = compileColumns(Object.hasOwn(rows, key) ? rows[key]! : DEFAULT);
    compiled.set(key, columns);
  }
  return columns;
}

/** Kinds with columns of their own, as `Deployment.apps`. */
export function printedKinds(): string[] {
  rows ??= JSON.parse(readColumns()) as Record<string, ColumnRow[]>;
  return Object.keys(rows);
}

export const hasColumns = (kind: GroupKind): boolean => printedKinds().includes(formatGroupKind(kind));

function compileColumns(table: readonly ColumnRow[]): TableColumns {
  const rules: CellRule[] = table.map(({ from, type = '' }) => compileCell(from, type));
  return {
    definitions: table.flatMap(({ name, type = '', format = '', priority = 0, from, description }) =>
      name === undefined
        ? []
        : [{ name, type, format, description: description ?? DESCRIPTIONS[from] ?? '', priority }],
    ),
    cells: (object) => rules.map((compute) => compute(object)),
  };
}
