/**
 * The annotation with the last configuration of kubectl's client-side apply
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/lastappliedmanager.go).
 */

import type { TypeSchema } from '../../runtime/type-schema.ts';
import { atOnce } from '../../util/breathe.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import { parseJSON, stringifyJSON } from '../../util/exact-json.ts';
import { isJSONObject, type JSONObject } from '../../util/json.ts';
import type { KubeObject } from '../kube-object.ts';
import { compare } from './compare.ts';
import type { FieldSet } from './field-set.ts';
import { toFieldSet } from './to-field-set.ts';
import type { VersionedObject } from './updater.ts';
import { validateTyped } from './validate.ts';

const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** Maximum size of all annotations of an object in bytes. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** Fields of the last client-side apply whose values haven't changed since. */
export function lastAppliedSet(
  live: KubeObject,
  { value, apiVersion }: VersionedObject,
  schema: TypeSchema,
): FieldSet | undefined {
  const text = live.metadata.annotations?.[LAST_APPLIED_ANNOTATION];
  if (!text) return undefined;
  try {
    const last = parseJSON(text) as JSONObject;
    if (last['apiVersion'] !== apiVersion) return undefined;
    validateTyped(last, schema);
    const { added, modified, removed } = atOnce(compare(last, value, schema));
    return toFieldSet(last, schema).difference(modified).difference(added).difference(removed);
  } catch {
    return undefined;
  }
}

/** Updates the annotation, if present, to the applied configuration, for clients that still use client-side apply. */
export function followLastApplied({ metadata }: KubeObject, configuration: JSONObject): void {
  const { annotations } = metadata;
  if (!annotations?.[LAST_APPLIED_ANNOTATION]) return;
  annotations[LAST_APPLIED_ANNOTATION] = `${stringifyJSON(withoutAnnotation(configuration))}\n`;
  const size = Object.entries(annotations).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  if (size > MAX_ANNOTATIONS_BYTES) delete annotations[LAST_APPLIED_ANNOTATION];
}

function withoutAnnotation(configuration: JSONObject): JSONObject {
  const copy = deepCopy(configuration);
  const { metadata } = copy;
  if (isJSONObject(metadata) && isJSONObject(metadata['annotations'])) {
    delete metadata['annotations'][LAST_APPLIED_ANNOTATION];
  }
  return copy;
}
