/** Validates enums by lookup rather than by comparing with each value. */

import { createHash } from 'node:crypto';
import { marshalJSON } from '../../runtime/go-format.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { equalJSON } from '../../util/json-equal.ts';
import type { OpenAPIError } from './validation-result.ts';

/**
 * Maximum length of a value in the message that identifies an error. It isn't shown to users, and there may be one for
 * each value of an object.
 */
const MAX_NAMED = 64;

type Plain = string | number | boolean;
const isPlain = (value: unknown): value is Plain => ['string', 'number', 'boolean'].includes(typeof value);
const enumText = (value: unknown): string => (typeof value === 'string' ? value : marshalJSON(value));

export class EnumValidator {
  readonly #values: readonly unknown[];
  readonly #plain: ReadonlySet<Plain>;
  /** Objects, lists, and integers outside of the safe range. */
  readonly #others: readonly unknown[];
  /** Created when a value isn't allowed. */
  #texts: { readonly named: string; readonly supported: readonly string[] } | undefined;

  constructor(values: readonly unknown[]) {
    this.#values = values;
    this.#plain = new Set(values.filter(isPlain));
    this.#others = values.filter((value) => value !== null && !isPlain(value));
  }

  /** Undefined if the value is allowed. */
  check(path: string, value: unknown): OpenAPIError | undefined {
    if (isPlain(value) && this.#plain.has(value)) return undefined;
    // An integer may be a number or a bigint.
    if (typeof value === 'bigint' && this.#plain.has(Number(value)) && BigInt(Number(value)) === value)
      return undefined;
    if (value !== null && this.#others.some((allowed) => equalJSON(value, allowed))) return undefined;
    this.#texts ??= { named: nameOf(stringifyJSON(this.#values)), supported: this.#values.map(enumText) };
    const { named, supported } = this.#texts;
    return {
      kind: 'enum',
      name: path,
      value,
      supported,
      message: `${path} in body should be one of ${named}`,
    };
  }
}

/** Unique per text. */
function nameOf(text: string): string {
  if (text.length <= MAX_NAMED) return text;
  return `${text.slice(0, MAX_NAMED)}... ${createHash('sha256').update(text).digest('hex')}`;
}
