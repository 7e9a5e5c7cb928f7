/** Values of the fields that field selectors support. */

import { DEFAULT_FIELDS, fieldSelectorFacts } from '../../apis/field-labels.ts';
import { asUnstructured, type KubeObject } from '../../meta/kube-object.ts';
import type { GroupVersionKind } from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';

/** Values by field label; '' for fields that aren't set. */
export type SelectableFields<T extends KubeObject> = (object: T) => Readonly<Record<string, string>>;

const ZEROS: Readonly<Record<string, string>> = { boolean: 'false', int32: '0', int64: '0' };

/** Go's zero value of the field at `path`, as text. */
function zeroOf(schema: TypeSchema, path: readonly string[]): string {
  let at: TypeSchema | undefined = schema;
  for (const name of path) at = at?.kind === 'struct' ? at.fields.get(name)?.schema : undefined;
  return at?.kind === 'scalar' ? (ZEROS[at.type] ?? '') : '';
}

/** Reads the fields that the table lists for a kind by their paths; for all other kinds, name and namespace. */
export function defaultSelectableFields<T extends KubeObject>(
  scheme: Scheme,
  gvk: GroupVersionKind,
  resource: string,
): SelectableFields<T> {
  const makeReaders = () => {
    const schema = scheme.schema(gvk);
    const { fields: labels = [], paths = {} } = fieldSelectorFacts({ ...gvk, resource }) ?? {};
    return [...new Set([...DEFAULT_FIELDS, ...labels])].map((label) => {
      const path = (Object.hasOwn(paths, label) ? paths[label]! : label).split('.');
      return { label, path, zero: zeroOf(schema, path) };
    });
  };
  // Made on first use, because objects of most kinds are never read.
  let readers: ReturnType<typeof makeReaders> | undefined;
  return (object) => {
    readers ??= makeReaders();
    return Object.fromEntries(
      readers.map(({ label, path, zero }) => {
        let value: unknown = asUnstructured(object);
        for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
        return [label, value === undefined || value === null ? zero : String(value)];
      }),
    );
  };
}
