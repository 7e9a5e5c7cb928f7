/**
 * The set of fields in a value
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/tofieldset.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { asList, asRecord, elementOf, fieldSchemaOf, formOf, isRecord } from './typed-value.ts';

export function toFieldSet(value: unknown, schema: TypeSchema): FieldSet {
  const builder = new FieldSetBuilder();
  collect(value, schema, { builder });
  return builder.build();
}

/** The position of a value: an element below a builder; without an element it is the root. */
interface Place {
  readonly builder: FieldSetBuilder;
  readonly element?: PathElement;
}

const below = ({ builder, element }: Place): FieldSetBuilder =>
  element === undefined ? builder : builder.child(element);

function collect(value: unknown, schema: TypeSchema, place: Place): void {
  switch (formOf(schema, value)) {
    case 'leaf':
      if (place.element !== undefined) place.builder.add(place.element);
      return;
    case 'map':
      collectMap(value, schema, below(place));
      return;
    case 'list':
      collectList(value, schema as ListSchema, below(place));
  }
}

function collectMap(value: unknown, schema: TypeSchema, builder: FieldSetBuilder): void {
  const map = asRecord(value);
  for (const key of Object.keys(map)) {
    const memberSchema = fieldSchemaOf(schema, key);
    if (memberSchema === undefined) continue;
    const member = map[key];
    const element = fieldElement(key);
    collect(member, memberSchema, { builder, element });
    // A struct's own field is represented by its content; map keys and empty values are members themselves.
    const isOwnField = schema.kind === 'struct' && schema.fields.has(key);
    const isNothing = member === null || (isRecord(member) && Object.keys(member).length === 0);
    if (isNothing || !isOwnField) builder.add(element);
  }
}

/** Items with the same name are members without content, which can't be distinguished. */
function collectList(value: unknown, schema: ListSchema, builder: FieldSetBuilder): void {
  const counts = new Map<PathElement, number>();
  const named: [PathElement, unknown][] = [];
  for (const item of asList(value)) {
    const element = elementOf(schema, item);
    if (element === undefined) continue;
    named.push([element, item]);
    counts.set(element, (counts.get(element) ?? 0) + 1);
  }
  for (const [element, item] of named) {
    if (counts.get(element) === 1) collect(item, schema.element, { builder, element });
    builder.add(element);
  }
}
