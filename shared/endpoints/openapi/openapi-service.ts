/** OpenAPI documents of the served API, each generated at its first request and cached until the API changes. */

import { createHash } from 'node:crypto';
import {
  type ClaimRoom,
  documentOf,
  OpenAPIDocument,
  type OpenAPIFormat,
  type Pieces,
} from './openapi-document.ts';
import type {
  LocalOpenAPIPart,
  OpenAPIModel,
  OpenAPIPart,
  OpenAPISource,
  RemoteOpenAPIPart,
  Swagger,
} from './openapi-model.ts';
import type { OpenAPITexts } from './openapi-texts.ts';
import type { SwaggerEncoder } from './swagger-document.ts';

/** Parts read concurrently: the schemas of all parts together take more memory than their encodings. */
const READ_AT_ONCE = 32;

const encodeV3 = async (value: unknown): Promise<Uint8Array> =>
  (await import('./gnostic/openapi-v3.ts')).encodeOpenAPIV3(value);

function hashOf(...texts: readonly string[]): string {
  return createHash('sha512').update(JSON.stringify(texts)).digest('hex').toUpperCase();
}

/** The documents of one list of parts. */
interface Documents {
  /** `/openapi/v2` */
  readonly whole: OpenAPIDocument;
  /** `/openapi/v3`: the URLs of all documents, which contain their hashes. */
  readonly root: OpenAPIDocument;
  /** `/openapi/v3/<path>` */
  readonly byPath: ReadonlyMap<string, OpenAPIDocument>;
}

/** A part with its cached document. */
interface Kept {
  readonly part: OpenAPIPart;
  readonly state: string;
  readonly document: OpenAPIDocument;
}

export class OpenAPIService {
  readonly #source: OpenAPISource;
  readonly #texts: OpenAPITexts;
  readonly #models = new WeakMap<LocalOpenAPIPart, Promise<OpenAPIModel>>();
  /** OpenAPI 2 documents of other servers that could be fetched. */
  readonly #swaggers = new WeakMap<RemoteOpenAPIPart, Promise<Swagger | undefined>>();
  readonly #encoders = new Map<OpenAPIFormat, Promise<SwaggerEncoder>>();
  #kept: ReadonlyMap<string, Kept> = new Map();
  #parts: readonly OpenAPIPart[] | undefined;
  #current: Promise<Documents> | undefined;

  /** Reads and generates nothing until the first request. */
  constructor(source: OpenAPISource, texts: OpenAPITexts) {
    this.#source = source;
    this.#texts = texts;
  }

  async documents(): Promise<Documents> {
    const parts = await this.#source.parts();
    if (this.#current === undefined || parts !== this.#parts) {
      this.#parts = parts;
      this.#current = this.#list(parts);
    }
    return this.#current;
  }

  async #list(parts: readonly OpenAPIPart[]): Promise<Documents> {
    const build = await this.#texts.hash();
    const sorted = [...parts].sort((left, right) => (left.path < right.path ? -1 : 1));
    // Parts whose state is unchanged keep their documents.
    const kept = new Map(sorted.map((part) => [part.path, this.#keep(part, build)]));
    this.#kept = kept;
    const byPath = new Map([...kept].map(([path, { document }]) => [path, document]));
    const paths = Object.fromEntries(
      [...byPath].map(([path, { hash }]) => [path, { serverRelativeURL: versionedURL(path, hash) }]),
    );
    const hash = hashOf(JSON.stringify(paths));
    const all = [...kept.values()].map(({ part }) => part);
    return {
      byPath,
      root: documentOf(hash, async () => ({ paths }), encodeV3),
      whole: new OpenAPIDocument(hash, (format, claim) => this.#encodeWhole(all, { format, claim })),
    };
  }

  #keep(part: OpenAPIPart, build: string): Kept {
    const kept = this.#kept.get(part.path);
    const state = part.state();
    if (kept?.state === state) return kept;
    const document = documentOf(hashOf(build, part.path, state), () => this.#buildPart(part), encodeV3);
    return { part, state, document };
  }

  async #buildPart(part: OpenAPIPart): Promise<unknown> {
    if (!('model' in part)) return part.document();
    const { buildDocumentV3 } = await import('./document-v3.ts');
    return buildDocumentV3(await this.#model(part), await this.#texts.schemas());
  }

  async #encodeWhole(
    parts: readonly OpenAPIPart[],
    { format, claim }: { readonly format: OpenAPIFormat; readonly claim: ClaimRoom },
  ): Promise<Pieces> {
    const [encoder, swaggers] = await Promise.all([
      this.#encoder(format),
      Promise.all(parts.flatMap((part) => ('swagger' in part ? [this.#swagger(part)] : []))),
    ]);
    const models: OpenAPIModel[] = [];
    const local = parts.filter((part) => 'model' in part);
    for (let next = 0; next < local.length; next += READ_AT_ONCE) {
      const read = await Promise.all(local.slice(next, next + READ_AT_ONCE).map((part) => this.#model(part)));
      for (const model of read) {
        await encoder.prepare(model, claim);
        models.push(model);
      }
    }
    return encoder.encode(
      models,
      swaggers.filter((swagger): swagger is Swagger => swagger !== undefined),
    );
  }

  #encoder(format: OpenAPIFormat): Promise<SwaggerEncoder> {
    let encoder = this.#encoders.get(format);
    if (encoder === undefined) {
      encoder = Promise.all([import('./swagger-document.ts'), this.#texts.schemas()]).then(
        ([{ SwaggerEncoder }, schemas]) => new SwaggerEncoder(format, schemas),
      );
      this.#encoders.set(format, encoder);
    }
    return encoder;
  }

  #swagger(part: RemoteOpenAPIPart): Promise<Swagger | undefined> {
    let swagger = this.#swaggers.get(part);
    if (swagger === undefined) {
      swagger = part.swagger();
      this.#swaggers.set(part, swagger);
      void swagger.then((known) => known ?? this.#swaggers.delete(part));
    }
    return swagger;
  }

  #model(part: LocalOpenAPIPart): Promise<OpenAPIModel> {
    let model = this.#models.get(part);
    if (model === undefined) {
      model = this.#texts.descriptions().then((descriptions) => part.model(descriptions));
      this.#models.set(part, model);
    }
    return model;
  }
}

/** The URL of a document with this hash. */
export function versionedURL(path: string, hash: string): string {
  return `/openapi/v3/${path}?hash=${hash}`;
}
