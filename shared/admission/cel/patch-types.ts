/**
 * Result types of mutating policies: `Object{...}`, which is merged into the object, and `JSONPatch{...}`
 * (https://github.com/kubernetes/apiserver/tree/master/pkg/cel/mutation).
 */

import { type FunctionDeclaration, fn, type StructDeclaration } from '../../cel/declaration.ts';
import { CelError } from '../../cel/error.ts';
import { valueToJSON } from '../../cel/json-value.ts';
import { type CelType, DYN, objectType, STRING } from '../../cel/type.ts';
import { equal, ListValue, MapValue, ObjectValue, type Value } from '../../cel/value.ts';
import { quote } from '../../runtime/go-format.ts';
import { setOwn } from '../../util/json.ts';

const ROOT = 'Object';
export const OBJECT_TYPE = objectType(ROOT);
export const JSON_PATCH_TYPE = objectType('JSONPatch');

type Fields = ReadonlyMap<string, Value>;

function sameFields(a: Fields, b: Fields): boolean | CelError {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other === undefined) return false;
    const same = equal(value, other);
    if (same !== true) return same;
  }
  return true;
}

/** An `Object` literal. The name of its type gives its path in the object. */
export class ObjectLiteral extends ObjectValue {
  readonly type: CelType;
  readonly fields: Fields;

  constructor(type: CelType, fields: Fields) {
    super();
    this.type = type;
    this.fields = fields;
  }

  override find(field: string): Value | undefined {
    return this.fields.get(field);
  }

  equals(other: Value): boolean | CelError {
    if (!(other instanceof ObjectLiteral) || other.type.name !== this.type.name) return false;
    return sameFields(this.fields, other.fields);
  }

  override toJSON(): Record<string, unknown> {
    const json: Record<string, unknown> = {};
    for (const [name, value] of this.fields) setOwn(json, name, valueToJSON(value));
    return json;
  }
}

/** One operation of a JSON patch. */
export class JSONPatchLiteral extends ObjectValue {
  readonly type = JSON_PATCH_TYPE;
  readonly fields: Fields;

  constructor(fields: Fields) {
    super();
    this.fields = fields;
  }

  override find(field: string): Value | undefined {
    return this.fields.get(field);
  }

  equals(other: Value): boolean | CelError {
    return other instanceof JSONPatchLiteral && sameFields(this.fields, other.fields);
  }
}

/** Errors for nested literals whose type doesn't match their path. */
export function misplacedLiterals(value: Value, place: string): string[] {
  if (value instanceof ObjectLiteral) {
    const { name } = value.type;
    const own =
      name === place
        ? []
        : [
            `unexpected type name ${quote(name)}, expected ${quote(place)}, which matches field name path from root Object type`,
          ];
    return [
      ...own,
      ...[...value.fields].flatMap(([field, inner]) => misplacedLiterals(inner, `${place}.${field}`)),
    ];
  }
  if (value instanceof ListValue) return [...value].flatMap((item) => misplacedLiterals(item, place));
  if (value instanceof MapValue) {
    return [...value.keys()].flatMap((key) => misplacedLiterals(value.find(key)!, place));
  }
  return [];
}

const PATCH_FIELDS: Readonly<Record<string, CelType>> = {
  op: STRING,
  path: STRING,
  from: STRING,
  value: DYN,
};

const JSON_PATCH: StructDeclaration = {
  name: JSON_PATCH_TYPE.name,
  type: JSON_PATCH_TYPE,
  field: (name) => (Object.hasOwn(PATCH_FIELDS, name) ? PATCH_FIELDS[name] : undefined),
  construct(fields) {
    for (const field of ['op', 'path', 'from']) {
      const value = fields.get(field);
      if (value !== undefined && typeof value !== 'string') {
        return new CelError(`unexpected type for JSONPatchType '${field}' field`);
      }
    }
    return new JSONPatchLiteral(fields);
  },
};

/** Resolves `Object` and any type name below it, independent of the object's actual type, which is checked on merge. */
export function resolvePatchStruct(name: string): StructDeclaration | undefined {
  if (name === JSON_PATCH.name) return JSON_PATCH;
  if (name !== ROOT && !name.startsWith(`${ROOT}.`)) return undefined;
  const type = objectType(name);
  return { name, type, field: () => DYN, construct: (fields) => new ObjectLiteral(type, fields) };
}

export const JSON_PATCH_FUNCTIONS: readonly FunctionDeclaration[] = [
  fn('jsonpatch.escapeKey', 'string_jsonpatch_escapeKey_string', [STRING], STRING, (key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  ),
];
