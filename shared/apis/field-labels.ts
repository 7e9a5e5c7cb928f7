/** Which fields field selectors may name: the labels of a resource's versions. */

import { quote } from '../runtime/go-format.ts';
import { formatGroupVersion, type GroupVersionResource } from '../runtime/group-version.ts';
import readFieldSelectors from './field-selectors.json?text';

export interface FieldSelectorFacts {
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

/** What the table says of a resource; undefined: nothing, as of custom ones. */
export function fieldSelectorFacts(gvr: GroupVersionResource): FieldSelectorFacts | undefined {
  parsed ??= new Map(Object.entries(JSON.parse(readFieldSelectors()) as Record<string, FieldSelectorFacts>));
  return parsed.get(`${formatGroupVersion(gvr)}/${gvr.resource}`);
}

/** Of every resource. */
export const DEFAULT_FIELDS = ['metadata.name', 'metadata.namespace'];

/** The label that a version's field label has in the internal form; undefined if it can't be selected by. */
export function convertFieldLabel(gvr: GroupVersionResource, label: string): string | undefined {
  const facts = fieldSelectorFacts(gvr);
  if (facts === undefined) return DEFAULT_FIELDS.includes(label) ? label : undefined;
  const plain = facts.alias !== undefined && Object.hasOwn(facts.alias, label) ? facts.alias[label]! : label;
  if (!facts.fields.includes(plain)) return undefined;
  return facts.storedAs !== undefined && Object.hasOwn(facts.storedAs, plain) ? facts.storedAs[plain] : plain;
}

/** What is said of a field label that `convertFieldLabel` doesn't know. */
export function fieldLabelRefusal(gvr: GroupVersionResource, label: string): string {
  const facts = fieldSelectorFacts(gvr);
  if (facts === undefined)
    return `${quote(label)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  return (facts.refusal ?? 'field label not supported: {label}').replace('{label}', () => label);
}
