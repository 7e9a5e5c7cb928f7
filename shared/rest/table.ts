/** Converts objects to table rows (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/table.go). */

import type { Pod } from '../apis/core/v1/types.ts';
import type { FlowSchema } from '../apis/flowcontrol/v1/types.ts';
import { asUnstructured, type KubeObject } from '../meta/kube-object.ts';
import { formatGroupKind, type GroupKind } from '../runtime/group-version.ts';
import type { Pieces } from '../util/breathe.ts';
import type { CellSource, RowCondition } from './table/cell.ts';
import { type ColumnDefinition, columnsOf, hasColumns } from './table/columns.ts';
import { podRowConditions } from './table/rules/pod.ts';

export interface TableConvertor {
  readonly columnDefinitions: readonly ColumnDefinition[];
  cells(object: KubeObject): readonly CellSource[];
  /** Like `cells`, for kinds whose cells may be as large as the object. If absent, cells are short. */
  readonly cellsInPieces?: ((object: KubeObject) => Pieces<readonly CellSource[]>) | undefined;
  /** If absent, rows of the kind have no conditions. */
  readonly rowConditions?: ((object: KubeObject) => readonly RowCondition[] | undefined) | undefined;
  /** Order of the rows of a list. If absent, that of the list. */
  readonly order?: ((a: KubeObject, b: KubeObject) => number) | undefined;
}

/** Kinds whose rows have an order of their own. */
const ORDERS: Partial<Record<string, (a: KubeObject, b: KubeObject) => number>> = {
  'FlowSchema.flowcontrol.apiserver.k8s.io': (a, b) => precedenceOf(a) - precedenceOf(b),
};

const precedenceOf = (schema: KubeObject): number => (schema as FlowSchema).spec?.matchingPrecedence ?? 0;

/**
 * The table convertor of a built-in kind, whose columns are loaded when the first row is printed. `hubGroup` is the
 * group of the kind's internal form, whose columns apply if the kind has none: Ingresses of extensions.
 */
export function builtinTableConvertor(served: GroupKind, hubGroup: string = served.group): TableConvertor {
  const kind = hasColumns(served) ? served : { ...served, group: hubGroup };
  return {
    get columnDefinitions() {
      return columnsOf(kind).definitions;
    },
    cells: (object) => columnsOf(kind).cells(asUnstructured(object)),
    ...(formatGroupKind(kind) === 'Pod' && { rowConditions: (object) => podRowConditions(object as Pod) }),
    order: ORDERS[formatGroupKind(kind)],
  };
}
