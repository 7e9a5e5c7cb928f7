/**
 * Validates a configuration before it is merged
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/structuredmerge.go).
 */

import {
  formatGroupVersionKind,
  type GroupVersionKind,
  parseGroupVersion,
} from '../../runtime/group-version.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import { newBadRequest, newPlainError } from '../status-error.ts';
import { asRecord, TypedValueError } from './typed-value.ts';
import { validateTyped } from './validate.ts';

/**
 * Throws BadRequest for a different kind and for managed fields, and a 500 without reason if the configuration doesn't
 * match the schema.
 */
export function checkConfiguration(configuration: object, kind: GroupVersionKind, schema: TypeSchema): void {
  const given = formatGroupVersionKind(kindOf(configuration));
  if (given !== formatGroupVersionKind(kind)) throw newBadRequest(`invalid object type: ${given}`);
  if (Array.isArray(metadataOf(configuration)['managedFields'])) {
    throw newBadRequest('metadata.managedFields must be nil');
  }
  try {
    validateTyped(configuration, schema);
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    const subject = describeObject(configuration, kind);
    throw newPlainError(`failed to create typed patch object (${subject}): ${error.message}`);
  }
}

const metadataOf = (object: object) => asRecord(asRecord(object)['metadata']);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Zero values, as in Go, if the configuration's version can't be parsed. */
function kindOf(configuration: object): GroupVersionKind {
  const { apiVersion, kind } = asRecord(configuration);
  const gv = parseGroupVersion(textOf(apiVersion));
  return gv === undefined ? { group: '', version: '', kind: '' } : { ...gv, kind: textOf(kind) };
}

/** The identification of an object in messages: `default/web; apps/v1, Kind=Deployment`. */
export function describeObject(object: object, kind: GroupVersionKind): string {
  const { namespace, name } = metadataOf(object);
  return `${textOf(namespace)}/${textOf(name)}; ${formatGroupVersionKind(kind)}`;
}
