import { atOnce, inPieces, type Pieces } from '../../../util/breathe.ts';
import { stringifyJSON } from '../../../util/exact-json.ts';
import { gvkOf } from '../../group-version.ts';
import type { RuntimeObject } from '../../scheme.ts';
import { MAX_VALUES, ValueBudget } from '../body-budget.ts';
import { DecodingError } from '../decoding-error.ts';
import { decodeParsed } from '../json/json-serializer.ts';
import type { Decoded, DecodeOptions, KindSchemas, Serializer, StreamSerializer } from '../serializer.ts';
import { decodeCBOR } from './decode-cbor.ts';
import { encodeCBOR } from './encode-cbor.ts';

/** Tag 55799, "self-described CBOR": the magic number of all encoded data. */
const SELF_DESCRIBED = Buffer.from([0xd9, 0xd9, 0xf7]);

/**
 * `application/cbor`, alpha: upstream supports it with the feature gate CBORServingAndStorage
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/serializer/cbor/cbor.go).
 */
export class CBORSerializer implements Serializer {
  readonly #schemas: KindSchemas;

  constructor(schemas: KindSchemas) {
    this.#schemas = schemas;
  }

  decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
    return atOnce(this.#decode(bytes, options));
  }

  async decodeInPieces(bytes: Uint8Array, options: DecodeOptions): Promise<Decoded> {
    return inPieces(this.#decode(bytes, options));
  }

  *#decode(bytes: Uint8Array, options: DecodeOptions): Pieces<Decoded> {
    const value = readItem(bytes, options.budgeted ? new ValueBudget(2 * MAX_VALUES) : undefined);
    yield;
    const text = stringifyJSON(value);
    yield;
    return yield* decodeParsed({ value, text }, () => text, this.#schemas, options);
  }

  encode(object: RuntimeObject): Uint8Array {
    return Buffer.concat([SELF_DESCRIBED, encodeCBOR(object, this.#schemas(gvkOf(object)))]);
  }
}

function readItem(bytes: Uint8Array, budget: ValueBudget | undefined): unknown {
  try {
    return decodeCBOR(bytes, budget);
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    throw new DecodingError(`unable to determine group/version/kind: ${error.message}`, undefined, error);
  }
}

/** The start of a map with two keys, up to the first value. */
const EVENT_HEAD = Buffer.concat([SELF_DESCRIBED, Buffer.from([0xa2]), encodeCBOR('type')]);
const OBJECT_KEY = encodeCBOR('object');

/** Watch events as a CBOR sequence: one item after the other. */
export const cborStreamSerializer: StreamSerializer = {
  contentType: 'application/cbor-seq',
  isText: false,
  lengthBytes: 0,
  encodeEvent: (type, object) => Buffer.concat([EVENT_HEAD, encodeCBOR(type), OBJECT_KEY, object]),
};
