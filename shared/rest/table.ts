/** Objects as rows (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/table.go). */

import { asUnstructured, type KubeObject } from '../meta/kube-object.ts';
import type { GroupKind } from '../runtime/group-version.ts';
import type { CellSource } from './table/cell.ts';
import { type ColumnDefinition, columnsOf } from './table/columns.ts';

export interface TableConvertor {
  readonly columnDefinitions: readonly ColumnDefinition[];
  cells(object: KubeObject): readonly CellSource[];
}

/** The columns that the built-in kind has in the tables, read when the first row is printed. */
export function builtinTableConvertor(kind: GroupKind): TableConvertor {
  return {
    get columnDefinitions() {
      return columnsOf(kind).definitions;
    },
    cells: (object) => columnsOf(kind).cells(asUnstructured(object)),
  };
}
