/**
 * Converts custom resources to table rows
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/registry/customresource/tableconvertor/tableconvertor.go).
 */

import type { CustomResourceColumnDefinition } from '../../../apis/apiextensions/v1/types.ts';
import type { KubeObject } from '../../../meta/kube-object.ts';
import { age } from '../../../rest/table/age.ts';
import type { CellSource } from '../../../rest/table/cell.ts';
import type { ColumnDefinition } from '../../../rest/table/columns.ts';
import type { TableConvertor } from '../../../rest/table.ts';
import { escapeHTML, formatFloat } from '../../../runtime/go-format.ts';
import { atOnce, type Pieces } from '../../../util/breathe.ts';
import { stringifyInPieces } from '../../../util/exact-json.ts';
import { JSONPath } from '../../../util/jsonpath/jsonpath.ts';
import { JSONPathError } from '../../../util/jsonpath/node.ts';
import { StepBudget } from '../../../util/jsonpath/step-budget.ts';
import { sortDeep } from '../../../util/sort-keys.ts';

/** ObjectMeta's descriptions of the fields that every table has. */
const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const CREATION_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

export const AGE: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description: CREATION_DESCRIPTION,
  jsonPath: '.metadata.creationTimestamp',
};

const NAME: ColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  priority: 0,
};

/**
 * The name and the columns of the definition, or the age if it has none. Stops at the first column with an invalid
 * path. Cells beyond the cost limit of a row are empty.
 */
export function customResourceTableConvertor(
  columns: readonly CustomResourceColumnDefinition[],
): TableConvertor {
  const readable: { readonly column: CustomResourceColumnDefinition; readonly path: JSONPath }[] = [];
  for (const column of columns.length > 0 ? columns : [AGE]) {
    const path = parsePath(column.jsonPath);
    if (path === undefined) break;
    readable.push({ column, path });
  }
  function* cellsInPieces(object: KubeObject): Pieces<readonly CellSource[]> {
    const budget = new StepBudget();
    const cells: CellSource[] = [object.metadata.name ?? ''];
    for (const { column, path } of readable) {
      cells.push(yield* cellOf(column.type, path, object, budget));
      yield;
    }
    return cells;
  }
  return {
    columnDefinitions: [NAME, ...readable.map(({ column }) => headerOf(column))],
    cells: (object) => atOnce(cellsInPieces(object)),
    cellsInPieces,
  };
}

function parsePath(jsonPath: string): JSONPath | undefined {
  try {
    return new JSONPath(jsonPath);
  } catch (error) {
    if (error instanceof JSONPathError) return undefined;
    throw error;
  }
}

function headerOf(column: CustomResourceColumnDefinition): ColumnDefinition {
  const { name, type, format = '', priority = 0, jsonPath } = column;
  const description =
    column.description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format, description, priority };
}

function* cellOf(type: string, path: JSONPath, object: KubeObject, budget: StepBudget): Pieces<CellSource> {
  try {
    const found = path.find(object, budget);
    return found.length === 0 ? null : yield* shownAs(type, found[0], budget);
  } catch (error) {
    if (error instanceof JSONPathError) return null;
    throw error;
  }
}

function* shownAs(type: string, value: unknown, budget: StepBudget): Pieces<CellSource> {
  if (type === 'string') {
    const text = yield* textOf(value);
    budget.spendOnText(text);
    return text;
  }
  if (value === null || value === undefined) return null;
  return Object.hasOwn(CELLS, type) ? CELLS[type]!(value) : null;
}

/** In the format of client-go's JSONPath. */
function* textOf(value: unknown): Pieces<string> {
  if (value === null || value === undefined) return '<no value>';
  // Go writes maps with sorted keys.
  if (typeof value === 'object') return escapeHTML(yield* stringifyInPieces(yield* sortDeep(value)));
  return typeof value === 'number' && !Number.isInteger(value) ? formatFloat(value) : String(value);
}

const CELLS: Readonly<Record<string, (value: unknown) => CellSource>> = {
  integer: (value) => (isNumber(value) ? Math.trunc(Number(value)) : null),
  number: (value) => (isNumber(value) ? Number(value) : null),
  boolean: (value) => (typeof value === 'boolean' ? value : null),
  date(value) {
    if (typeof value !== 'string') return null;
    if (value === '' || value === 'null') return age(undefined);
    return RFC3339.test(value) && !Number.isNaN(Date.parse(value)) ? age(value) : '<invalid>';
  },
};

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';
