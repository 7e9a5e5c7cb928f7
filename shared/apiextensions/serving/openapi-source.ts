/** OpenAPI documents of custom resources. Schemas are read when a document is requested. */

import { versionOf } from '../../apis/apiextensions/definition.ts';
import {
  type CustomResourceVersion,
  customResourceParts,
} from '../../endpoints/openapi/custom-resource-parts.ts';
import type { OpenAPIPart, OpenAPISource } from '../../endpoints/openapi/openapi-model.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { SchemaToolsLoader } from '../definition/schema-tools.ts';
import type { DefinitionIndex } from './definition-index.ts';
import type { DefinitionSummary, VersionSummary } from './definition-summary.ts';
import { resourceDiscovery } from './discovery.ts';

export interface CustomResourceOpenAPIOptions {
  readonly index: DefinitionIndex;
  readonly scheme: Scheme;
  readonly tools: SchemaToolsLoader;
}

export class CustomResourceOpenAPI implements OpenAPISource {
  readonly #options: CustomResourceOpenAPIOptions;
  #parts: { readonly of: readonly DefinitionSummary[]; readonly parts: readonly OpenAPIPart[] } | undefined;

  constructor(options: CustomResourceOpenAPIOptions) {
    this.#options = options;
  }

  async parts(): Promise<readonly OpenAPIPart[]> {
    const { index, scheme } = this.#options;
    const summaries = await index.summaries();
    if (this.#parts?.of !== summaries) {
      const served = summaries
        .filter(({ established }) => established)
        .flatMap((summary) =>
          summary.versions
            .filter(({ served }) => served)
            .map((version) => ({
              group: summary.group,
              version: version.name,
              state: JSON.stringify([summary.revision, summary.terminating]),
              read: () => this.#read(summary, version),
            })),
        );
      this.#parts = { of: summaries, parts: customResourceParts(served, scheme) };
    }
    return this.#parts.parts;
  }

  async #read(
    summary: DefinitionSummary,
    version: VersionSummary,
  ): Promise<CustomResourceVersion | undefined> {
    const { index, tools } = this.#options;
    const definition = await index.read(summary.name);
    if (definition === undefined) return undefined;
    const found = versionOf(definition.spec, version.name);
    if (found === undefined) return undefined;
    const { isStructural } = await import('../definition/definition-options.ts');
    const root = found.schema?.openAPIV3Schema;
    const { kind, listKind } = summary.acceptedNames;
    return {
      group: summary.group,
      version: version.name,
      resource: resourceDiscovery(summary, version),
      listKind: listKind || `${kind}List`,
      schema: root && isStructural(root, await tools.load()) ? root : undefined,
      preserveUnknownFields: definition.spec.preserveUnknownFields ?? false,
      selectableFields: (found.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    };
  }
}
