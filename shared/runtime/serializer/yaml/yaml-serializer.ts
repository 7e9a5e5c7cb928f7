import { stringify } from 'yaml';
import { parseJSON } from '../../../util/exact-json.ts';
import type { RuntimeObject } from '../../scheme.ts';
import { decodeParsed } from '../json/json-serializer.ts';
import type { Decoded, DecodeOptions, KindSchemas, Serializer } from '../serializer.ts';
import { type ConvertedText, type ConvertYAML, convertYAML, convertYAMLHere } from './convert-yaml.ts';

const utf8 = new TextEncoder();

/** `application/yaml`: read and written as the JSON it stands for. */
export class YAMLSerializer implements Serializer {
  readonly #schemas: KindSchemas;

  constructor(schemas: KindSchemas) {
    this.#schemas = schemas;
  }

  decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
    const body = new TextDecoder().decode(bytes);
    return this.#decodeConverted(body, convertYAMLHere(body), options);
  }

  async decodeAside(bytes: Uint8Array, options: DecodeOptions, aside: ConvertYAML): Promise<Decoded> {
    const body = new TextDecoder().decode(bytes);
    return this.#decodeConverted(body, await convertYAML(body, aside), options);
  }

  #decodeConverted(body: string, { text, strictErrors }: ConvertedText, options: DecodeOptions): Decoded {
    const decoded = decodeParsed({ value: parseJSON(text), text }, () => body, this.#schemas, options);
    if (options.strict !== true || strictErrors.length === 0) return decoded;
    return { ...decoded, strictErrors: [...strictErrors, ...decoded.strictErrors] };
  }

  encode(object: RuntimeObject): Uint8Array {
    const text = stringify(object, {
      version: '1.1',
      aliasDuplicateObjects: false,
      indentSeq: false,
      lineWidth: 0,
      sortMapEntries: true,
    });
    return utf8.encode(text);
  }
}
