import { stringifyJSON } from '../../util/exact-json.ts';

export type OpenAPIFormat = 'json' | 'protobuf';

/** Bytes in pieces. Documents with a piece in common share the array. */
export type Pieces = readonly Uint8Array[];

/** Reserves memory for an answer of this many bytes. Throws the StatusError to answer with where there is too little. */
export type ClaimRoom = (bytes: number) => void;

const utf8 = new TextEncoder();
const ALWAYS: ClaimRoom = () => undefined;

/** A document that is encoded when its bytes are first requested. */
export class OpenAPIDocument {
  /** Changes whenever the bytes do, in either format. */
  readonly hash: string;
  readonly #make: (format: OpenAPIFormat, claim: ClaimRoom) => Promise<Pieces>;
  readonly #pieces = new Map<OpenAPIFormat, Promise<Pieces>>();
  readonly #bytes = new Map<string, Promise<Uint8Array>>();

  constructor(hash: string, make: (format: OpenAPIFormat, claim: ClaimRoom) => Promise<Pieces>) {
    this.hash = hash;
    this.#make = make;
  }

  /** `claim` is called while the document is encoded. */
  bytes(format: OpenAPIFormat, claim: ClaimRoom = ALWAYS): Promise<Uint8Array> {
    return this.#keep(this.#bytes, format, async () => {
      const [first, ...others] = await this.#encoded(format, claim);
      return first !== undefined && others.length === 0 ? first : Buffer.concat([first!, ...others]);
    });
  }

  compressed(format: OpenAPIFormat, claim: ClaimRoom = ALWAYS): Promise<Uint8Array> {
    return this.#keep(this.#bytes, `${format}+gzip`, async () => {
      const { gzipPieces } = await import('../../util/gzip.ts');
      return gzipPieces(await this.#encoded(format, claim));
    });
  }

  #encoded(format: OpenAPIFormat, claim: ClaimRoom): Promise<Pieces> {
    return this.#keep(this.#pieces, format, async () => {
      const pieces = await this.#make(format, claim);
      claim(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
      return pieces;
    });
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
