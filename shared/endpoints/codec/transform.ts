/**
 * Objects in the form a request asked for: themselves, their metadata, or rows of a table
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

/** An object's metadata under the kind that says it is nothing more. */
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
    // Go's slice of none.
    items: objects.length === 0 ? null : objects.map((object) => asPartialObjectMetadata(object, target)),
  } as RuntimeObject;
}

/** Options of a table beyond its objects. */
export interface TableRequest {
  readonly target: GroupVersionKind;
  readonly includeObject: IncludeObject;
  readonly metadata: ListMeta;
  /** Of a watch, whose first event alone has the columns. */
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

/** Upstream's convertor of what has no printer makes no list of no rows. */
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

/** What is answered: one object, or a list of them. */
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

/** The Go type of what a handler answers with: the internal one, in its group's package. */
function goTypeOf(scope: RequestScope, shape: Shape): string {
  const isList = shape === 'list';
  if (scope.custom !== undefined) return `*unstructured.Unstructured${isList ? 'List' : ''}`;
  const { group, kind } = scope.kind;
  return `*${internalGoType({ group, kind: isList ? listKindOf(scope) : kind })}`;
}
