/** Which fields of a kind field selectors may name, and what they hold. */

import fieldSelectorsText from '../../apis/field-selectors.json?raw';
import { asUnstructured, type KubeObject } from '../../meta/kube-object.ts';
import { quote } from '../../runtime/go-format.ts';
import {
  formatGroupVersion,
  type GroupVersionKind,
  type GroupVersionResource,
} from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';

/** Values by field label; every selectable field has one, empty if unset. */
export type SelectableFields<T extends KubeObject> = (object: T) => Readonly<Record<string, string>>;

interface FieldSelectorFacts {
  readonly fields: readonly string[];
  /** Labels that older clients use: `spec.host` for `spec.nodeName`. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Where the value of a label is that is no path itself. */
  readonly paths?: Readonly<Record<string, string>>;
  /** Upstream's own words for other labels, with `{label}` in its place. */
  readonly refusal?: string;
  /** Labels of this version that stand for others in the stored form. */
  readonly storedAs?: Readonly<Record<string, string>>;
}

let parsed: ReadonlyMap<string, FieldSelectorFacts> | undefined;

function factsOf(gvr: GroupVersionResource): FieldSelectorFacts | undefined {
  parsed ??= new Map(Object.entries(JSON.parse(fieldSelectorsText) as Record<string, FieldSelectorFacts>));
  return parsed.get(`${formatGroupVersion(gvr)}/${gvr.resource}`);
}

const DEFAULT_FIELDS = ['metadata.name', 'metadata.namespace'];

/** The label that a version's field label has in the internal form; undefined if it can't be selected by. */
export function convertFieldLabel(gvr: GroupVersionResource, label: string): string | undefined {
  const facts = factsOf(gvr);
  if (facts === undefined) return DEFAULT_FIELDS.includes(label) ? label : undefined;
  const plain = facts.alias !== undefined && Object.hasOwn(facts.alias, label) ? facts.alias[label]! : label;
  if (!facts.fields.includes(plain)) return undefined;
  return facts.storedAs !== undefined && Object.hasOwn(facts.storedAs, plain) ? facts.storedAs[plain] : plain;
}

/** What is said of a field label that `convertFieldLabel` doesn't know. */
export function fieldLabelRefusal(gvr: GroupVersionResource, label: string): string {
  const facts = factsOf(gvr);
  if (facts === undefined)
    return `${quote(label)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  return (facts.refusal ?? 'field label not supported: {label}').replace('{label}', () => label);
}

const ZEROS: Readonly<Record<string, string>> = { boolean: 'false', int32: '0', int64: '0' };

/** Go's zero value, as text, of the field at `path`. */
function zeroOf(schema: TypeSchema, path: readonly string[]): string {
  let at: TypeSchema | undefined = schema;
  for (const name of path) at = at?.kind === 'struct' ? at.fields.get(name)?.schema : undefined;
  return at?.kind === 'scalar' ? (ZEROS[at.type] ?? '') : '';
}

/** Reads the fields that the table names for a kind by their paths; metadata's name and namespace for all others. */
export function defaultSelectableFields<T extends KubeObject>(
  scheme: Scheme,
  gvk: GroupVersionKind,
  resource: string,
): SelectableFields<T> {
  const schema = scheme.schema(gvk);
  const { fields: labels = [], paths = {} } = factsOf({ ...gvk, resource }) ?? {};
  const readers = [...new Set([...DEFAULT_FIELDS, ...labels])].map((label) => {
    const path = (Object.hasOwn(paths, label) ? paths[label]! : label).split('.');
    return { label, path, zero: zeroOf(schema, path) };
  });
  return (object) =>
    Object.fromEntries(
      readers.map(({ label, path, zero }) => {
        let value: unknown = asUnstructured(object);
        for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
        return [label, value === undefined || value === null ? zero : String(value)];
      }),
    );
}
