import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { FieldManager } from '../../../../shared/meta/managedfields/field-manager.ts';
import type { ManagedFieldsEntry } from '../../../../shared/meta/v1/types.ts';
import type { GroupVersionKind } from '../../../../shared/runtime/group-version.ts';
import { deepCopy } from '../../../../shared/util/deep-copy.ts';

const tables = builtinTypeTables();

const DEFINITIONS: Record<string, string> = {
  'v1/ConfigMap': 'io.k8s.api.core.v1.ConfigMap',
  'v1/Pod': 'io.k8s.api.core.v1.Pod',
  'v1/Service': 'io.k8s.api.core.v1.Service',
  'v1/ServiceAccount': 'io.k8s.api.core.v1.ServiceAccount',
  'v1/PersistentVolume': 'io.k8s.api.core.v1.PersistentVolume',
  'apps/v1/Deployment': 'io.k8s.api.apps.v1.Deployment',
};

export const schemaOf = (key: string) => tables.schema(DEFINITIONS[key]!);

/** Removes nulls, as conversions do: Go's structs have none. */
const withoutNulls = <T>(object: T): T =>
  JSON.parse(JSON.stringify(object, (_, value: unknown) => value ?? undefined)) as T;

/** A field manager for a kind whose versions are identical. */
export function managerOf(
  kind: GroupVersionKind,
  more: { subresource?: string; resetFields?: Record<string, string[][]> } = {},
) {
  const group = kind.group === '' ? '' : `${kind.group}/`;
  const apiVersion = `${group}${kind.version}`;
  return new FieldManager({
    kind,
    subresource: more.subresource ?? '',
    resetFields: more.resetFields,
    schemaFor: (version) => {
      const definition = DEFINITIONS[`${version}/${kind.kind}`];
      return definition === undefined ? undefined : tables.schema(definition);
    },
    convert: (object, version) => ({ ...withoutNulls(object), apiVersion: version ?? apiVersion }),
    finish: async (object) => withoutNulls(object),
    newObject: () => ({ apiVersion, kind: kind.kind, metadata: {} }),
  });
}

/** Fields by `name/operation[/subresource]` of the manager, without times. */
export function summary(object: KubeObject): Record<string, unknown> {
  return Object.fromEntries(
    (object.metadata.managedFields ?? []).map((entry: ManagedFieldsEntry) => [
      [entry.manager, entry.operation, entry.subresource].filter(Boolean).join('/'),
      entry.fieldsV1,
    ]),
  );
}

export function without(object: KubeObject): Record<string, unknown> {
  const copy = deepCopy(object) as unknown as { metadata: Record<string, unknown> };
  delete copy.metadata['managedFields'];
  return copy as Record<string, unknown>;
}
