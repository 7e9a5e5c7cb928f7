/** OpenAPI parts of custom resources: one document per group version. */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import { entryOf } from '../../util/entry-of.ts';
import type { ResourceDiscovery } from '../discovery/discovery-source.ts';
import type { LocalOpenAPIPart } from './openapi-model.ts';

/** One served version of a CustomResourceDefinition. */
export interface CustomResourceVersion {
  readonly group: string;
  readonly version: string;
  /** Its discovery document: names, scope, verbs, subresources. */
  readonly resource: ResourceDiscovery;
  readonly listKind: string;
  /** Undefined if there is no schema or it isn't structural. */
  readonly schema: JSONSchemaProps | undefined;
  /** `spec.preserveUnknownFields` */
  readonly preserveUnknownFields: boolean;
  /** Field paths without the leading dot. */
  readonly selectableFields: readonly string[];
}

/** A served version that is read when its document is made: schemas are large, and documents are rarely requested. */
export interface UnreadCustomResource {
  readonly group: string;
  readonly version: string;
  /** Changes whenever the version does. */
  readonly state: string;
  /** Resolves to undefined if the version has been removed in the meantime. */
  read(): Promise<CustomResourceVersion | undefined>;
}

/** One part per group version, in the order of the versions. Call again only when a definition changes. */
export function customResourceParts(
  resources: readonly UnreadCustomResource[],
  scheme: Scheme,
): LocalOpenAPIPart[] {
  const byPath = new Map<string, UnreadCustomResource[]>();
  for (const resource of resources) {
    const path = `apis/${resource.group}/${resource.version}`;
    entryOf(byPath, path, () => []).push(resource);
  }
  return [...byPath].map(([path, list]) => ({
    path,
    state: () => JSON.stringify(list.map(({ state }) => state)),
    model: async (descriptions) => {
      const { customResourceModel } = await import('./custom-resource-model.ts');
      const read = await Promise.all(list.map((resource) => resource.read()));
      return customResourceModel(
        read.filter((resource) => resource !== undefined),
        scheme,
        descriptions,
      );
    },
  }));
}
