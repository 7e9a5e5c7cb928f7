import { atOnce, inPieces, type Pieces } from '../../../util/breathe.ts';
import type { RuntimeObject } from '../../scheme.ts';
import { headOf } from '../json/decode-json.ts';
import { decodeParsed } from '../json/json-serializer.ts';
import type { Decoded, DecodeOptions, KindSchemas, Serializer } from '../serializer.ts';
import { type ConvertedText, type ConvertYAML, convertYAML, convertYAMLHere } from './convert-yaml.ts';
import { writeYAML, writeYAMLInPieces } from './write-yaml.ts';
import { textOfYAML } from './yaml-text.ts';

const utf8 = new TextEncoder();

/** `application/yaml`, decoded and encoded through the equivalent JSON. */
export class YAMLSerializer implements Serializer {
  readonly #schemas: KindSchemas;

  constructor(schemas: KindSchemas) {
    this.#schemas = schemas;
  }

  decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
    const body = textOfYAML(bytes);
    return atOnce(this.#decodeConverted(body, convertYAMLHere(body), options));
  }

  async decodeInPieces(bytes: Uint8Array, options: DecodeOptions, aside?: ConvertYAML): Promise<Decoded> {
    const body = textOfYAML(bytes);
    return inPieces(this.#decodeConverted(body, await convertYAML(body, aside), options));
  }

  *#decodeConverted(
    body: string,
    { text, strictErrors }: ConvertedText,
    options: DecodeOptions,
  ): Pieces<Decoded> {
    const parsed = { value: yield* headOf(text), text };
    const decoded = yield* decodeParsed(parsed, () => body, this.#schemas, options);
    if (options.strict !== true || strictErrors.length === 0) return decoded;
    return { ...decoded, strictErrors: [...strictErrors, ...decoded.strictErrors] };
  }

  encode(object: RuntimeObject): Uint8Array {
    return utf8.encode(writeYAML(object));
  }

  async encodeInPieces(object: RuntimeObject): Promise<Uint8Array> {
    return utf8.encode(await writeYAMLInPieces(object));
  }
}
