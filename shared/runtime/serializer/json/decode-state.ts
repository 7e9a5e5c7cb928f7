/** The state of a decoder: its position, the path of the value, and the errors so far. */

import { quote } from '../../go-format.ts';
import { DecodingError } from '../decoding-error.ts';
import type { DecodeOptions } from '../serializer.ts';
import { JSONCursor } from './json-cursor.ts';

/** A value of the wrong type, or one that a type's own decoder rejects. */
export class UnmarshalError extends DecodingError {
  override readonly name = 'UnmarshalError';
}

/** A struct in Go's messages. */
export interface GoStruct {
  /** The name without its package. */
  readonly goName: string;
  /** The path to a field through embedded structs: `VolumeSource.hostPath`. */
  goPath(field: string): string;
}

/** Further errors wouldn't help. */
const MAX_STRICT_ERRORS = 100;

export class DecodeState extends JSONCursor {
  readonly strict: boolean;
  /** The first type error. Decoding continues, to find syntax errors and fatal values. */
  typeError: UnmarshalError | undefined;
  readonly #strictErrors = new Set<string>();
  /** Map keys, field names, and list indexes leading to the value. */
  readonly #path: (string | number)[] = [];
  /** The struct with the field of the same depth in `#path`; undefined for map keys and indexes. */
  readonly #structs: (GoStruct | undefined)[] = [];
  #depth = 0;
  #nested = 0;

  constructor(text: string, { strict = false }: Pick<DecodeOptions, 'strict'> = {}) {
    super(text);
    this.strict = strict;
  }

  push(segment: string | number, struct: GoStruct | undefined): void {
    this.#path[this.#depth] = segment;
    this.#structs[this.#depth] = struct;
    this.#depth++;
  }

  pop(): void {
    this.#depth--;
  }

  /**
   * Call before a type's own decoder runs, which ignores strictness and stops at its first type error. Returns a
   * function to call afterwards.
   */
  beginUnmarshaler(): () => void {
    this.#nested++;
    const outerError = this.typeError;
    this.typeError = undefined;
    return () => {
      if (this.typeError !== undefined) throw this.typeError;
      this.typeError = outerError;
      this.#nested--;
    };
  }

  strictErrors(): string[] {
    return [...this.#strictErrors];
  }

  unknownField(name: string): void {
    this.#saveStrictError('unknown field', name);
  }

  duplicateField(name: string): void {
    this.#saveStrictError('duplicate field', name);
  }

  #saveStrictError(problem: string, name: string): void {
    if (!this.strict || this.#nested > 0 || this.#strictErrors.size >= MAX_STRICT_ERRORS) return;
    let path = '';
    for (const segment of [...this.#path.slice(0, this.#depth), name]) {
      if (typeof segment === 'number') path += `[${segment}]`;
      else path += path === '' ? segment : `.${segment}`;
    }
    this.#strictErrors.add(`${problem} ${quote(path)}`);
  }

  /** `found` is the actual type in Go's words, `goType` the expected one. */
  typeMismatch(found: string, goType: string): void {
    this.typeError ??= this.mismatchError(found, goType);
  }

  mismatchError(found: string, goType: string): UnmarshalError {
    const fields: string[] = [];
    let innermost: GoStruct | undefined;
    for (let depth = 0; depth < this.#depth; depth++) {
      const struct = this.#structs[depth];
      if (struct === undefined) continue;
      innermost = struct;
      fields.push(struct.goPath(this.#path[depth] as string));
    }
    const target =
      innermost === undefined ? 'Go value' : `Go struct field ${innermost.goName}.${fields.join('.')}`;
    return new UnmarshalError(`json: cannot unmarshal ${found} into ${target} of type ${goType}`);
  }
}
