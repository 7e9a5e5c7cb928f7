export type OpenAPIFormat = 'json' | 'protobuf';

const utf8 = new TextEncoder();

/** A document that is made when its bytes are first asked for. */
export class OpenAPIDocument {
  /** The same for as long as the bytes are, in either format. */
  readonly hash: string;
  readonly #build: () => Promise<unknown>;
  readonly #encodeProtobuf: (value: unknown) => Promise<Uint8Array>;
  #value: Promise<unknown> | undefined;
  readonly #bytes = new Map<OpenAPIFormat, Promise<Uint8Array>>();

  constructor(options: {
    readonly hash: string;
    readonly build: () => Promise<unknown>;
    readonly encodeProtobuf: (value: unknown) => Promise<Uint8Array>;
  }) {
    this.hash = options.hash;
    this.#build = options.build;
    this.#encodeProtobuf = options.encodeProtobuf;
  }

  bytes(format: OpenAPIFormat): Promise<Uint8Array> {
    let bytes = this.#bytes.get(format);
    if (bytes === undefined) {
      bytes = this.#encode(format);
      this.#bytes.set(format, bytes);
      // What another server has may be there the next time.
      bytes.catch(() => {
        this.#value = undefined;
        this.#bytes.delete(format);
      });
    }
    return bytes;
  }

  async #encode(format: OpenAPIFormat): Promise<Uint8Array> {
    this.#value ??= this.#build();
    const value = await this.#value;
    return format === 'json' ? utf8.encode(JSON.stringify(value)) : this.#encodeProtobuf(value);
  }
}
