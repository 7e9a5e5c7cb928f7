/** Build-time inputs of documents: descriptions and type tables. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Scheme } from '../../runtime/scheme.ts';
import { once } from '../../util/once.ts';
import type { DefinitionSchemas } from './definition-schemas.ts';
import { NO_DESCRIPTIONS, type OpenAPIDescriptions } from './openapi-descriptions.ts';

/** Builds put the file beside the bundle. */
const DESCRIPTIONS = new URL('./openapi-descriptions.json', import.meta.url);

async function readIfExists(file: URL): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array();
    throw error;
  }
}

/** Reads files on first use. */
export class OpenAPITexts {
  readonly #scheme: Scheme;
  readonly #file: URL;
  readonly #read = once(() => readIfExists(this.#file));

  /**
   * Part of every document's hash, because another build may generate other documents for the same API. Hashes the
   * bundle's entry, which contains the hashes of its chunks.
   */
  readonly hash = once(async (): Promise<string> => {
    const [bundle, descriptions] = await Promise.all([readFile(new URL(import.meta.url)), this.#read()]);
    return createHash('sha256').update(bundle).update(descriptions).digest('hex');
  });

  readonly descriptions = once(async (): Promise<OpenAPIDescriptions> => {
    const bytes = await this.#read();
    return bytes.byteLength === 0 ? NO_DESCRIPTIONS : JSON.parse(new TextDecoder().decode(bytes));
  });

  readonly schemas = once(async (): Promise<DefinitionSchemas> => {
    const [{ DefinitionSchemas }, descriptions] = await Promise.all([
      import('./definition-schemas.ts'),
      this.descriptions(),
    ]);
    return new DefinitionSchemas(this.#scheme, descriptions);
  });

  constructor(scheme: Scheme, file: URL = DESCRIPTIONS) {
    this.#scheme = scheme;
    this.#file = file;
  }
}
