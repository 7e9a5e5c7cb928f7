/**
 * Interns schemas without their documentation: equal parts become one object, which shrinks large schemas considerably.
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { isJSONObject } from '../../util/json.ts';

const DOCUMENTATION: ReadonlySet<string> = new Set(['description', 'title', 'example', 'externalDocs']);
/** Keywords with schemas by name, in a list, and single ones. */
const NAMED: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'definitions']);
const LISTED: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf']);
const SINGLE: ReadonlySet<string> = new Set(['items', 'additionalProperties', 'additionalItems', 'not']);

export class SchemaInterner {
  readonly #known = new Map<string, JSONSchemaProps>();
  readonly #ids = new Map<object, number>();

  /** Returns the same object for equal schemas. It must not be modified. */
  intern(schema: JSONSchemaProps): JSONSchemaProps {
    const members: [string, unknown][] = [];
    /** Identifies the schema; nested schemas are represented by their number. */
    const key: unknown[] = [];
    for (const [keyword, value] of Object.entries(schema)) {
      if (value === undefined || DOCUMENTATION.has(keyword)) continue;
      const [member, said] = this.#member(keyword, value);
      members.push([keyword, member]);
      key.push(keyword, said);
    }
    const text = stringifyJSON(key);
    let known = this.#known.get(text);
    if (known === undefined) {
      known = Object.fromEntries(members) as JSONSchemaProps;
      this.#known.set(text, known);
      this.#ids.set(known, this.#ids.size);
    }
    return known;
  }

  #member(keyword: string, value: unknown): readonly [member: unknown, said: unknown] {
    if (NAMED.has(keyword) && isJSONObject(value)) {
      const schemas = Object.entries(value).map(
        ([name, inner]) => [name, this.intern(inner as JSONSchemaProps)] as const,
      );
      return [Object.fromEntries(schemas), schemas.map(([name, inner]) => [name, this.#ids.get(inner)])];
    }
    if (LISTED.has(keyword) && Array.isArray(value)) {
      const schemas = value.map((inner) => this.intern(inner as JSONSchemaProps));
      return [schemas, schemas.map((inner) => this.#ids.get(inner))];
    }
    if (SINGLE.has(keyword) && isJSONObject(value)) {
      const inner = this.intern(value as JSONSchemaProps);
      return [inner, this.#ids.get(inner)];
    }
    return [value, { value }];
  }
}
