/** Documents of what is served, each made when it is first asked for and kept until the API changes. */

import { createHash } from 'node:crypto';
import { OpenAPIDocument } from './openapi-document.ts';
import type { LocalOpenAPIPart, OpenAPIModel, OpenAPIPart, OpenAPISource, Swagger } from './openapi-model.ts';
import type { OpenAPITexts } from './openapi-texts.ts';

const encodeV2 = async (value: unknown): Promise<Uint8Array> =>
  (await import('./gnostic/openapi-v2.ts')).encodeOpenAPIV2(value);
const encodeV3 = async (value: unknown): Promise<Uint8Array> =>
  (await import('./gnostic/openapi-v3.ts')).encodeOpenAPIV3(value);

function hashOf(...texts: readonly string[]): string {
  return createHash('sha512').update(JSON.stringify(texts)).digest('hex').toUpperCase();
}

/** What one list of parts makes. */
interface Documents {
  /** `/openapi/v2` */
  readonly whole: OpenAPIDocument;
  /** `/openapi/v3`: where each document is, under a URL that changes with it. */
  readonly root: OpenAPIDocument;
  /** `/openapi/v3/<path>` */
  readonly byPath: ReadonlyMap<string, OpenAPIDocument>;
}

export class OpenAPIService {
  readonly #source: OpenAPISource;
  readonly #texts: OpenAPITexts;
  readonly #models = new WeakMap<LocalOpenAPIPart, Promise<OpenAPIModel>>();
  /** Of OpenAPI 3. */
  readonly #documents = new WeakMap<OpenAPIPart, OpenAPIDocument>();
  #parts: readonly OpenAPIPart[] | undefined;
  #current: Promise<Documents> | undefined;

  /** Nothing is read or made before it is asked for. */
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
    const byPath = new Map(sorted.map((part) => [part.path, this.#document(part, build)]));
    const paths = Object.fromEntries(
      [...byPath].map(([path, { hash }]) => [path, { serverRelativeURL: versionedURL(path, hash) }]),
    );
    const hash = hashOf(JSON.stringify(paths));
    return {
      byPath,
      root: new OpenAPIDocument({ hash, build: async () => ({ paths }), encodeProtobuf: encodeV3 }),
      whole: new OpenAPIDocument({ hash, build: () => this.#buildWhole(parts), encodeProtobuf: encodeV2 }),
    };
  }

  #document(part: OpenAPIPart, build: string): OpenAPIDocument {
    let document = this.#documents.get(part);
    if (document === undefined) {
      const hash = hashOf(build, part.path, part.state());
      document = new OpenAPIDocument({
        hash,
        build: () => this.#buildPart(part),
        encodeProtobuf: encodeV3,
      });
      this.#documents.set(part, document);
    }
    return document;
  }

  async #buildPart(part: OpenAPIPart): Promise<unknown> {
    if (!('model' in part)) return part.document();
    const { buildDocumentV3 } = await import('./document-v3.ts');
    return buildDocumentV3(await this.#model(part), await this.#texts.schemas());
  }

  async #buildWhole(parts: readonly OpenAPIPart[]): Promise<unknown> {
    const { buildDocumentV2 } = await import('./document-v2.ts');
    const local = parts.filter((part) => 'model' in part);
    const models = await Promise.all(local.map((part) => this.#model(part)));
    const document = buildDocumentV2(models, await this.#texts.schemas());
    const remote = parts.filter((part) => 'swagger' in part);
    if (remote.length === 0) return document;
    const { mergeSwagger } = await import('./merge-swagger.ts');
    const swaggers = await Promise.all(remote.map((part) => part.swagger()));
    const merged = swaggers.reduce<Swagger>(
      (base, swagger) => (swagger === undefined ? base : mergeSwagger(base, swagger)),
      document,
    );
    return { ...document, ...merged };
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

/** Where a document is as long as it has this hash. */
export function versionedURL(path: string, hash: string): string {
  return `/openapi/v3/${path}?hash=${hash}`;
}
