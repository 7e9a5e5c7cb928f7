import type { OpenAPIPart, OpenAPISource } from './openapi-model.ts';

/** Concatenates the parts of several servers. If two have the same path, the first one wins. */
export class MergedOpenAPISource implements OpenAPISource {
  readonly #sources: readonly OpenAPISource[];
  #lists: readonly (readonly OpenAPIPart[])[] = [];
  #merged: readonly OpenAPIPart[] = [];

  constructor(sources: readonly OpenAPISource[]) {
    this.#sources = sources;
  }

  async parts(): Promise<readonly OpenAPIPart[]> {
    const lists = await Promise.all(this.#sources.map(async (source) => source.parts()));
    const unchanged =
      lists.length === this.#lists.length && lists.every((list, index) => list === this.#lists[index]);
    if (!unchanged) {
      this.#lists = lists;
      const byPath = new Map<string, OpenAPIPart>();
      for (const part of lists.flat()) if (!byPath.has(part.path)) byPath.set(part.path, part);
      this.#merged = [...byPath.values()];
    }
    return this.#merged;
  }
}
