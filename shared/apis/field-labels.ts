/** The labels that field selectors support, per resource and version. */

import { quote } from '../runtime/go-format.ts';
import { formatGroupVersion, type GroupVersionResource } from '../runtime/group-version.ts';
import readFieldSelectors from './field-selectors.json?text';

export interface FieldSelectorFacts {
  readonly fields: readonly string[];
  /** Aliases for older clients: `spec.host` for `spec.nodeName`. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Paths of values whose label isn't a path itself. */
  readonly paths?: Readonly<Record<string, string>>;
  /** Upstream's error for other labels, with `{label}` as placeholder. */
  readonly refusal?: string;
  /** Labels of this version that are different in the stored form. */
  readonly storedAs?: Readonly<Record<string, string>>;
}

let parsed: ReadonlyMap<string, FieldSelectorFacts> | undefined;

/** The table's entry for a resource; undefined if it has none, as for custom resources. */
export function fieldSelectorFacts(gvr: GroupVersionResource): FieldSelectorFacts | undefined {
  parsed ??= new Map(Object.entries(JSON.parse(readFieldSelectors()) as Record<string, FieldSelectorFacts>));
  return parsed.get(`${formatGroupVersion(gvr)}/${gvr.resource}`);
}

/** Supported by all resources. */
export const DEFAULT_FIELDS = ['metadata.name', 'metadata.namespace'];

/** The label in the internal form of a version's field label; undefined if it isn't supported. */
export function convertFieldLabel(gvr: GroupVersionResource, label: string): string | undefined {
  const facts = fieldSelectorFacts(gvr);
  if (facts === undefined) return DEFAULT_FIELDS.includes(label) ? label : undefined;
  const plain = facts.alias !== undefined && Object.hasOwn(facts.alias, label) ? facts.alias[label]! : label;
  if (!facts.fields.includes(plain)) return undefined;
  return facts.storedAs !== undefined && Object.hasOwn(facts.storedAs, plain) ? facts.storedAs[plain] : plain;
}

/** The error for a field label for which `convertFieldLabel` returns undefined. */
export function fieldLabelRefusal(gvr: GroupVersionResource, label: string): string {
  const facts = fieldSelectorFacts(gvr);
  if (facts === undefined)
    return `${quote(label)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  return (facts.refusal ?? 'field label not supported: {label}').replace('{label}', () => label);
}
