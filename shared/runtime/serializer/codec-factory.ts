import { atOnce, inPieces, type Pieces } from '../../util/breathe.ts';
import { jsonItems } from './json/json-items.ts';
import { JSONSerializer, jsonStreamSerializer } from './json/json-serializer.ts';
import type {
  Decoded,
  DecodeOptions,
  KindSchemas,
  MediaType,
  Serializer,
  SerializerInfo,
} from './serializer.ts';

/** Post-processes decoded objects by rules outside of type schemas, for custom resources. Throws `DecodingError`. */
export type FinishDecoding = (decoded: Decoded, options: DecodeOptions) => Pieces<Decoded>;

/**
 * The supported media types, each loaded on first use
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/serializer/codec_factory.go).
 */
export class CodecFactory {
  readonly #schemas: KindSchemas;
  readonly #loaded = new Map<MediaType, Promise<SerializerInfo>>();
  readonly #mediaTypes: readonly MediaType[];
  readonly #finish: FinishDecoding | undefined;
  /** Loaded eagerly, because nearly every request needs it. */
  readonly json: SerializerInfo;

  /** `mediaTypes` must be in order of preference. */
  constructor(schemas: KindSchemas, mediaTypes: readonly MediaType[], finish?: FinishDecoding) {
    this.#schemas = schemas;
    this.#mediaTypes = mediaTypes;
    this.#finish = finish;
    this.json = this.#finishing({
      mediaType: 'application/json',
      serializer: new JSONSerializer(schemas),
      prettySerializer: new JSONSerializer(schemas, { pretty: true }),
      streamSerializer: jsonStreamSerializer,
      items: jsonItems,
    });
  }

  supportedMediaTypes(): readonly MediaType[] {
    return this.#mediaTypes;
  }

  /** Undefined for a media type that isn't supported. */
  async serializerInfo(mediaType: string): Promise<SerializerInfo | undefined> {
    const supported = this.#mediaTypes.find((supported) => supported === mediaType);
    if (supported === undefined) return undefined;
    let info = this.#loaded.get(supported);
    if (info === undefined) {
      info = this.#load(supported).then((loaded) =>
        loaded === this.json ? loaded : this.#finishing(loaded),
      );
      this.#loaded.set(supported, info);
    }
    return info;
  }

  async #load(mediaType: MediaType): Promise<SerializerInfo> {
    switch (mediaType) {
      case 'application/json':
        return this.json;
      case 'application/yaml': {
        const { YAMLSerializer } = await import('./yaml/yaml-serializer.ts');
        return { mediaType, serializer: new YAMLSerializer(this.#schemas) };
      }
      case 'application/vnd.kubernetes.protobuf': {
        const { ProtobufSerializer, protobufStreamSerializer } = await import(
          './protobuf/protobuf-serializer.ts'
        );
        const serializer = new ProtobufSerializer(this.#schemas);
        return { mediaType, serializer, streamSerializer: protobufStreamSerializer, items: serializer };
      }
      case 'application/cbor': {
        const { CBORSerializer, cborStreamSerializer } = await import('./cbor/cbor-serializer.ts');
        const serializer = new CBORSerializer(this.#schemas);
        return { mediaType, serializer, streamSerializer: cborStreamSerializer };
      }
    }
  }

  #finishing(info: SerializerInfo): SerializerInfo {
    const finish = this.#finish;
    if (finish === undefined) return info;
    const finishing = (serializer: Serializer): Serializer => ({
      decode: (bytes, options = {}) => atOnce(finish(serializer.decode(bytes, options), options)),
      ...(serializer.decodeInPieces && {
        decodeInPieces: async (bytes, options, convert) =>
          inPieces(finish(await serializer.decodeInPieces!(bytes, options, convert), options)),
      }),
      encode: (object) => serializer.encode(object),
      ...(serializer.encodeInPieces && {
        encodeInPieces: (object) => serializer.encodeInPieces!(object),
      }),
    });
    return { ...info, serializer: finishing(info.serializer) };
  }
}
