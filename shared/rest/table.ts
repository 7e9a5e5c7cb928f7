/** Objects as rows (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/table.go). */

import type { Pod } from '../apis/core/v1/types.ts';
import { asUnstructured, type KubeObject } from '../meta/kube-object.ts';
import { formatGroupKind, type GroupKind } from '../runtime/group-version.ts';
import type { CellSource, RowCondition } from './table/cell.ts';
import { type ColumnDefinition, columnsOf, hasColumns } from './table/columns.ts';
import { podRowConditions } from './table/rules/pod.ts';

export interface TableConvertor {
  readonly columnDefinitions: readonly ColumnDefinition[];
  cells(object: KubeObject): readonly CellSource[];
  /** Absent: rows of the kind have none. */
  readonly rowConditions?: ((object: KubeObject) => readonly RowCondition[] | undefined) | undefined;
}

/**
 * The columns that the built-in kind has in the tables, read when the first row is printed. `hubGroup`: of the kind's
 * internal form, whose columns they are where the kind has none of its own: Ingresses of extensions.
 */
export function builtinTableConvertor(served: GroupKind, hubGroup: string = served.group): TableConvertor {
  const kind = hasColumns(served) ? served : { ...served, group: hubGroup };
  return {
    get columnDefinitions() {
      return columnsOf(kind).definitions;
    },
    cells: (object) => columnsOf(kind).cells(asUnstructured(object)),
    ...(formatGroupKind(kind) === 'Pod' && { rowConditions: (object) => podRowConditions(object as Pod) }),
  };
}
