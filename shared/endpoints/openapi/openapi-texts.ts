/** What the build gave to documents: texts for people, and the tables of types. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Scheme } from '../../runtime/scheme.ts';
import type { DefinitionSchemas } from './definition-schemas.ts';
import { NO_DESCRIPTIONS, type OpenAPIDescriptions } from './openapi-descriptions.ts';

/** Beside the bundle, where builds put it. */
const DESCRIPTIONS = new URL('./openapi-descriptions.json', import.meta.url);

async function readIfExists(file: URL): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array();
    throw error;
  }
}

/** Reads nothing before it is asked. */
export class OpenAPITexts {
  readonly #scheme: Scheme;
  readonly #file: URL;
  #bytes: Promise<Uint8Array> | undefined;
  #hash: Promise<string> | undefined;
  #descriptions: Promise<OpenAPIDescriptions> | undefined;
  #schemas: Promise<DefinitionSchemas> | undefined;

  constructor(scheme: Scheme, file: URL = DESCRIPTIONS) {
    this.#scheme = scheme;
    this.#file = file;
  }

  /** Another build may make other documents of the same API: the bundle, which names its parts by their hashes. */
  hash(): Promise<string> {
    this.#hash ??= Promise.all([readFile(new URL(import.meta.url)), this.#read()]).then(
      ([bundle, descriptions]) => createHash('sha256').update(bundle).update(descriptions).digest('hex'),
    );
    return this.#hash;
  }

  descriptions(): Promise<OpenAPIDescriptions> {
    this.#descriptions ??= this.#read().then((bytes) =>
      bytes.byteLength === 0 ? NO_DESCRIPTIONS : JSON.parse(new TextDecoder().decode(bytes)),
    );
    return this.#descriptions;
  }

  schemas(): Promise<DefinitionSchemas> {
    this.#schemas ??= Promise.all([import('./definition-schemas.ts'), this.descriptions()]).then(
      ([{ DefinitionSchemas }, descriptions]) => new DefinitionSchemas(this.#scheme, descriptions),
    );
    return this.#schemas;
  }

  #read(): Promise<Uint8Array> {
    this.#bytes ??= readIfExists(this.#file);
    return this.#bytes;
  }
}
