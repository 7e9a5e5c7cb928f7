/**
 * Resolves JSON paths of fields and map keys in a schema: `.spec.map['key'].field` (upstream's `ValidFieldPath`,
 * pkg/apiserver/schema/cel/validation.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import {
  additionalPropertiesOf,
  additionalPropertiesSchemaOf,
  propertiesOf,
  propertyOf,
} from './json-schema-props.ts';
import { childOf, keyOf } from './paths.ts';

export interface ValidFieldPath {
  readonly path: FieldPath | undefined;
  /** The first step of the path. */
  readonly root: string;
  readonly schema: JSONSchemaProps | undefined;
}

export interface FieldPathOptions {
  readonly allowArrayNotation: boolean;
}

/** `.`, `[` and `]` as single characters, quoted strings, and the text between them. */
const TOKEN = /'[\s\S]*?(?<!\\)'|'[\s\S]*$|[.[\]]|[^.[\]]+/g;

/** Resolves a path in a structural schema. Throws an Error with upstream's text. */
export function resolveFieldPath(
  jsonPath: string,
  schema: JSONSchemaProps,
  { allowArrayNotation }: FieldPathOptions = { allowArrayNotation: true },
): ValidFieldPath {
  const tokens = (jsonPath.match(TOKEN) ?? [])[Symbol.iterator]();
  const next = (): string => {
    const { value, done } = tokens.next();
    if (done) throw new Error('unexpected end of JSON path');
    return value;
  };
  let path: FieldPath | undefined;
  let root = '';
  let at: JSONSchemaProps | undefined = schema;
  const step = (name: string): void => {
    if (root === '') root = name;
    const isStruct = at !== undefined && propertiesOf(at).length > 0;
    if (!isStruct && (at === undefined || additionalPropertiesOf(at) === undefined)) {
      throw new Error('does not refer to a valid field');
    }
    path = isStruct ? childOf(path, name) : keyOf(path, name);
    const child: JSONSchemaProps | undefined = isStruct
      ? propertyOf(at!, name)
      : additionalPropertiesSchemaOf(at!);
    if (isStruct && child === undefined) throw new Error('does not refer to a valid field');
    at = child;
  };
  for (const token of tokens) {
    if (token === '.') step(next());
    else if (token === '[') {
      if (!allowArrayNotation) throw new Error('array notation is not allowed');
      const quoted = next();
      if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'")) {
        throw new Error(`expected single quoted string but got ${quoted}`);
      }
      step(unescapeLiteral(quoted.slice(1, -1)));
      const close = next();
      if (close !== ']') throw new Error(`expected ] but got ${close}`);
    } else throw new Error(`expected [ or . but got: ${token}`);
  }
  return { path, root, schema: at };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

function unescapeLiteral(text: string): string {
  return text.replace(/\\(.)/g, (match, char: string) => {
    const plain = ESCAPES[char];
    if (plain === undefined) throw new Error(`invalid string literal: invalid escape char ${match}`);
    return plain;
  });
}

export function isValidFieldPath(jsonPath: string, schema: JSONSchemaProps): boolean {
  try {
    resolveFieldPath(jsonPath, schema);
    return true;
  } catch {
    return false;
  }
}
