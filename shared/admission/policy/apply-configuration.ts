/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/mutating/patch/smd.go */

import type { KubeObject } from '../../meta/kube-object.ts';
import { merge } from '../../meta/managedfields/merge.ts';
import { isRecord } from '../../meta/managedfields/typed-value.ts';
import { validateTyped } from '../../meta/managedfields/validate.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';

/** Merges the configuration into the object like server-side apply. Throws if the configuration is invalid. */
export function applyConfiguration(
  object: KubeObject,
  configuration: Readonly<Record<string, unknown>>,
  schema: TypeSchema,
): unknown {
  const { apiVersion, kind } = object;
  const patch = { ...configuration, apiVersion, kind };
  try {
    validateTyped(patch, schema);
  } catch (error) {
    throw new Error(`failed to convert patch object to typed object: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const atomics = atomicPaths(patch, schema, '');
  if (atomics.length > 0) {
    throw new Error(
      `invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  }
  try {
    return merge(object, patch, schema);
  } catch (error) {
    throw new Error(`failed to merge patch: ${(error as Error).message}`, { cause: error });
  }
}

/** Paths of atomic values in the configuration, which may not be set: setting part of one would lose the rest. */
function atomicPaths(value: unknown, schema: TypeSchema, path: string): string[] {
  if (isRecord(value)) {
    if (schema.kind !== 'struct' && schema.kind !== 'map') return [];
    const own = schema.atomic ? [path] : [];
    if (schema.kind === 'map') return own;
    const below = Object.entries(value).flatMap(([key, inner]) => {
      const field = schema.fields.get(key);
      return field === undefined ? [] : atomicPaths(inner, field.schema, `${path}.${key}`);
    });
    return [...own, ...below];
  }
  if (!Array.isArray(value) || schema.kind !== 'list') return [];
  const own = schema.listType === 'atomic' ? [path] : [];
  return [...own, ...value.flatMap((item, index) => atomicPaths(item, schema.element, `${path}[${index}]`))];
}
