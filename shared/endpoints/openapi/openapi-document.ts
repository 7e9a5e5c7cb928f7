export type OpenAPIFormat = 'json' | 'protobuf';

/** Bytes in pieces. Documents with a piece in common share the array. */
export type Pieces = readonly Uint8Array[];

const utf8 = new TextEncoder();

/** A document that is encoded when its bytes are first requested. */

import { stringifyJSON } from '../../util/exact-json.ts';
export class OpenAPIDocument {
  /** Changes whenever the bytes do, in either format. */
  readonly hash: string;
  readonly #make: (format: OpenAPIFormat) => Promise<Pieces>;
  readonly #pieces = new Map<OpenAPIFormat, Promise<Pieces>>();
  readonly #bytes = new Map<string, Promise<Uint8Array>>();

  constructor(hash: string, make: (format: OpenAPIFormat) => Promise<Pieces>) {
    this.hash = hash;
    this.#make = make;
  }

  bytes(format: OpenAPIFormat): Promise<Uint8Array> {
    return this.#keep(this.#bytes, format, async () => {
      const [first, ...others] = await this.#encoded(format);
      return first !== undefined && others.length === 0 ? first : Buffer.concat([first!, ...others]);
    });
  }

  compressed(format: OpenAPIFormat): Promise<Uint8Array> {
    return this.#keep(this.#bytes, `${format}+gzip`, async () => {
      const { gzipPieces } = await import('../../util/gzip.ts');
      return gzipPieces(await this.#encoded(format));
    });
  }

  #encoded(format: OpenAPIFormat): Promise<Pieces> {
    return this.#keep(this.#pieces, format, () => this.#make(format));
  }

  #keep<Key, Value>(kept: Map<Key, Promise<Value>>, key: Key, make: () => Promise<Value>): Promise<Value> {
    let value = kept.get(key);
    if (value === undefined) {
      value = make();
      kept.set(key, value);
      // A failure isn't cached: another server may have been unavailable.
      value.catch(() => kept.delete(key));
    }
    return value;
  }
}

/** A document encoded from a single value. */
export function documentOf(
  hash: string,
  build: () => Promise<unknown>,
  encodeProtobuf: (value: unknown) => Promise<Uint8Array>,
): OpenAPIDocument {
  return new OpenAPIDocument(hash, async (format) => {
    const value = await build();
    return [format === 'json' ? utf8.encode(stringifyJSON(value)) : await encodeProtobuf(value)];
  });
}
