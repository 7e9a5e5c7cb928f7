/**
 * Transforms objects into the form that a request asked for: the objects themselves, their metadata, or rows of a table
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/response.go).
 */

import { internalMetadata } from '../../apis/internal-metadata.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { newNotAcceptable } from '../../meta/status-error.ts';
import type { ListMeta } from '../../meta/v1/types.ts';
import { cellAt } from '../../rest/table/cell.ts';
import { cellsOf } from '../../rest/table/cells-of.ts';
import type { TableConvertor } from '../../rest/table.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import { listKindOf, type RequestScope } from '../resource/request-scope.ts';
import { internalGoType } from './go-type.ts';
import type { IncludeObject } from './table-options.ts';

/** The metadata of an object as a PartialObjectMetadata. */
export function asPartialObjectMetadata(object: KubeObject, target: GroupVersionKind): RuntimeObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: formatGroupVersion(target),
    metadata: internalMetadata(object),
  } as RuntimeObject;
}

export function asPartialObjectMetadataList(
  objects: readonly KubeObject[],
  metadata: ListMeta,
  target: GroupVersionKind,
): RuntimeObject {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: formatGroupVersion(target),
    metadata,
    // Go encodes an empty list as a nil slice.
    items: objects.length === 0 ? null : objects.map((object) => asPartialObjectMetadata(object, target)),
  } as RuntimeObject;
}

/** Options of a table request. */
export interface TableRequest {
  readonly target: GroupVersionKind;
  readonly includeObject: IncludeObject;
  readonly metadata: ListMeta;
  /** For watches: only the first event includes the columns. */
  readonly noHeaders?: boolean | undefined;
}

export async function asTable(
  scope: RequestScope,
  unordered: readonly KubeObject[],
  { target, includeObject, metadata, noHeaders }: TableRequest,
): Promise<RuntimeObject> {
  const now = Date.now();
  const table = await scope.tableConvertor();
  const objects = table.order === undefined ? unordered : unordered.toSorted(table.order);
  const cells = (await cellsOf(table, objects)).map((row) => row.map((cell) => cellAt(cell, now)));
  const included = await includedObjects(scope, objects, target, includeObject);
  return {
    kind: 'Table',
    apiVersion: formatGroupVersion(target),
    metadata,
    columnDefinitions: noHeaders ? null : table.columnDefinitions,
    rows:
      cells.length === 0 && isWithoutPrinter(scope, table)
        ? null
        : cells.map((row, index) => {
            const conditions = table.rowConditions?.(objects[index]!);
            return { cells: row, ...(conditions && { conditions }), object: included[index] ?? null };
          }),
  } as RuntimeObject;
}

/**
 * Whether the resource has no printer of its own. For an empty list of such a resource, upstream's default convertor
 * encodes no list of rows.
 */
export const isWithoutPrinter = ({ custom }: RequestScope, { columnDefinitions }: TableConvertor): boolean =>
  custom === undefined && columnDefinitions.some(({ name }) => name === 'Created At');

export async function includedObjects(
  scope: RequestScope,
  objects: readonly KubeObject[],
  target: GroupVersionKind,
  includeObject: IncludeObject,
): Promise<readonly RuntimeObject[]> {
  if (includeObject === 'None') return [];
  if (includeObject === 'Object') return scope.convertor.fromInternal(objects, scope.kind);
  return objects.map((object) => asPartialObjectMetadata(object, target));
}

/** Whether the answer is one object or a list. */
export type Shape = 'object' | 'list';

/** `you requested PartialObjectMetadata, but the requested object is a list` and its counterpart. */
export function refuseTransform(target: GroupVersionKind, scope: RequestScope, shape: Shape): void {
  if (target.kind === 'PartialObjectMetadata' && shape === 'list') {
    throw newNotAcceptable(
      `you requested PartialObjectMetadata, but the requested object is a list (${goTypeOf(scope, shape)})`,
    );
  }
  if (target.kind === 'PartialObjectMetadataList' && shape === 'object') {
    throw newNotAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (${goTypeOf(scope, shape)})`,
    );
  }
}

/** The Go type of a handler's result: the internal type, in the package of its group. */
function goTypeOf(scope: RequestScope, shape: Shape): string {
  const isList = shape === 'list';
  if (scope.custom !== undefined) return `*unstructured.Unstructured${isList ? 'List' : ''}`;
  const { group, kind } = scope.kind;
  return `*${internalGoType({ group, kind: isList ? listKindOf(scope) : kind })}`;
}
