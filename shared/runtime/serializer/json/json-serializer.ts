import { atOnce, inPieces, type Pieces } from '../../../util/breathe.ts';
import { stringifyJSON } from '../../../util/exact-json.ts';
import type { GroupVersionKind } from '../../group-version.ts';
import { NotRegisteredError, type RuntimeObject } from '../../scheme.ts';
import type { TypeSchema } from '../../type-schema.ts';
import { DecodingError } from '../decoding-error.ts';
import { completeKind, interpret, setKind } from '../object-kind.ts';
import type { Decoded, DecodeOptions, KindSchemas, Serializer, StreamSerializer } from '../serializer.ts';
import { type DecodedValue, decodeJSONInPieces, type ParsedJSON, parseHead } from './decode-json.ts';
import { JSONSyntaxError } from './syntax-error.ts';

const utf8 = new TextEncoder();
const ANY: TypeSchema = { kind: 'map', element: { kind: 'untyped', type: 'any' }, atomic: false };

/** `application/json` (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/serializer/json/json.go). */
export class JSONSerializer implements Serializer {
  readonly #schemas: KindSchemas;
  readonly #pretty: boolean;

  constructor(schemas: KindSchemas, options: { readonly pretty?: boolean } = {}) {
    this.#schemas = schemas;
    this.#pretty = options.pretty ?? false;
  }

  decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
    return atOnce(this.#decode(bytes, options));
  }

  async decodeInPieces(bytes: Uint8Array, options: DecodeOptions): Promise<Decoded> {
    return inPieces(this.#decode(bytes, options));
  }

  *#decode(bytes: Uint8Array, options: DecodeOptions): Pieces<Decoded> {
    const parsed = yield* parseInterpretable(bytes);
    return yield* decodeParsed(parsed, () => utf8Text(bytes), this.#schemas, options);
  }

  encode(object: RuntimeObject): Uint8Array {
    return utf8.encode(this.#pretty ? stringifyJSON(object, 2) : `${stringifyJSON(object)}\n`);
  }
}

function utf8Text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function* parseInterpretable(bytes: Uint8Array): Pieces<ParsedJSON> {
  try {
    return yield* parseHead(bytes);
  } catch (error) {
    throw uninterpretable(error);
  }
}

/** Upstream detects syntax errors when it determines the kind. */
function uninterpretable(error: unknown): unknown {
  if (!(error instanceof DecodingError)) return error;
  return new DecodingError(`couldn't get version/kind; json parse error: ${error.message}`, undefined, error);
}

/** `parsed.value` must contain kind and version; `body` returns the original bytes for messages. */
export function* decodeParsed(
  parsed: ParsedJSON,
  body: () => string,
  schemas: KindSchemas,
  options: DecodeOptions,
): Pieces<Decoded> {
  const gvk = completeKind(interpret(parsed.value), options, body);
  const { value, strictErrors } = yield* decodeKind(parsed.text, gvk, schemas, options);
  const object = value as RuntimeObject;
  setKind(object, gvk);
  return { object, gvk, strictErrors };
}

function* decodeKind(
  text: string,
  gvk: GroupVersionKind,
  schemas: KindSchemas,
  options: DecodeOptions,
): Pieces<DecodedValue> {
  try {
    return yield* decodeJSONInPieces(text, schemas(gvk) ?? ANY, options);
  } catch (error) {
    if (error instanceof JSONSyntaxError) throw uninterpretable(error);
    if (!(error instanceof DecodingError || error instanceof NotRegisteredError)) throw error;
    throw new DecodingError(error.message, gvk, error);
  }
}

/** Watch events as JSON, one per line. */
export const jsonStreamSerializer: StreamSerializer = {
  contentType: 'application/json',
  isText: true,
  lengthBytes: 0,
  encodeEvent(type, object) {
    const head = utf8.encode(`{"type":${JSON.stringify(type)},"object":`);
    const end = object.at(-1) === 0x0a ? object.length - 1 : object.length;
    const frame = new Uint8Array(head.length + end + 2);
    frame.set(head);
    frame.set(object.subarray(0, end), head.length);
    frame.set([0x7d, 0x0a], head.length + end);
    return frame;
  },
};
