/** The API model of the custom resources of one group version. */

import type { Scheme } from '../../runtime/scheme.ts';
import { isJSONObject } from '../../util/json.ts';
import type { CustomResourceVersion } from './custom-resource-parts.ts';
import { customResourceSchema } from './custom-resource-schema.ts';
import { gvkExtension, reference } from './definition-schemas.ts';
import { fieldDescription, type OpenAPIDescriptions } from './openapi-descriptions.ts';
import type { OpenAPIModel, OpenAPISchema, OpenAPIVersion, OwnDefinition } from './openapi-model.ts';
import { OptionParameters } from './option-parameters.ts';
import { ResourcePaths } from './resource-paths.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const OBJECT_META = `${META}.ObjectMeta`;
const LIST_META = `${META}.ListMeta`;
const MEDIA_TYPES = ['application/json', 'application/yaml'];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];

/** `example.com`, `v1`, `Widget` -> `com.example.v1.Widget` */
function customResourceDefinitionName(group: string, version: string, kind: string): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

class CustomResource {
  readonly #resource: CustomResourceVersion;
  readonly #descriptions: OpenAPIDescriptions;
  readonly name: string;
  readonly listName: string;

  constructor(resource: CustomResourceVersion, descriptions: OpenAPIDescriptions) {
    const { group, version, listKind } = resource;
    this.#resource = resource;
    this.#descriptions = descriptions;
    this.name = customResourceDefinitionName(group, version, resource.resource.responseKind.kind);
    this.listName = customResourceDefinitionName(group, version, listKind);
  }

  definitions(): [string, OwnDefinition][] {
    return [
      [this.name, { schema: (version) => this.#object(version), references: [OBJECT_META] }],
      [this.listName, { schema: (version) => this.#list(version), references: [LIST_META, this.name] }],
    ];
  }

  /** Adds the built-in kinds' description to apiVersion, kind or metadata. */
  #described(field: string, schema: OpenAPISchema, definition: string): OpenAPISchema {
    const description = fieldDescription(this.#descriptions, definition, field);
    return description === undefined ? schema : { description, ...schema };
  }

  #typeMeta(): Record<string, OpenAPISchema> {
    const string = { type: 'string' };
    return {
      apiVersion: this.#described('apiVersion', string, 'io.k8s.api.core.v1.Pod'),
      kind: this.#described('kind', string, 'io.k8s.api.core.v1.Pod'),
    };
  }

  #metadata(target: typeof OBJECT_META | typeof LIST_META, version: OpenAPIVersion): OpenAPISchema {
    const holder = target === OBJECT_META ? 'io.k8s.api.core.v1.Pod' : 'io.k8s.api.core.v1.PodList';
    const description = fieldDescription(this.#descriptions, holder, 'metadata');
    const schema = reference(target, version);
    if (description === undefined) return schema;
    return version === 2 ? { description, ...schema } : { description, allOf: [schema] };
  }

  #extensions(kind: string): OpenAPISchema {
    const { group, version, selectableFields } = this.#resource;
    return {
      'x-kubernetes-group-version-kind': [gvkExtension({ group, version, kind })],
      ...(selectableFields.length > 0 && {
        'x-kubernetes-selectable-fields': selectableFields.map((fieldPath) => ({ fieldPath })),
      }),
    };
  }

  #object(version: OpenAPIVersion): OpenAPISchema {
    const { schema, preserveUnknownFields, resource } = this.#resource;
    const extensions = this.#extensions(resource.responseKind.kind);
    const preserves = preserveUnknownFields || schema?.['x-kubernetes-preserve-unknown-fields'] === true;
    // Readers of OpenAPI 2 would reject every field that isn't listed.
    if (schema === undefined || (version === 2 && preserves)) return { type: 'object', ...extensions };
    const body = customResourceSchema(schema, version);
    this.#embed(body, version);
    const properties = {
      ...(body['properties'] as object | undefined),
      ...this.#typeMeta(),
      metadata: this.#metadata(OBJECT_META, version),
    };
    return { ...body, properties, ...extensions };
  }

  /** Adds kind and metadata to the schemas of embedded objects. Modifies `schema`. */
  #embed(schema: OpenAPISchema, version: OpenAPIVersion): void {
    for (const property of Object.values((schema['properties'] ?? {}) as Record<string, OpenAPISchema>)) {
      this.#embed(property, version);
    }
    for (const inner of [schema['items'], schema['additionalProperties']]) {
      if (isJSONObject(inner)) this.#embed(inner, version);
    }
    if (!schema['x-kubernetes-embedded-resource']) return;
    if (version === 2 && schema['x-kubernetes-preserve-unknown-fields']) return;
    schema['properties'] = {
      ...(schema['properties'] as object | undefined),
      ...this.#typeMeta(),
      metadata: this.#metadata(OBJECT_META, version),
    };
    const required = (schema['required'] ?? []) as string[];
    schema['required'] = [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))];
  }

  #list(version: OpenAPIVersion): OpenAPISchema {
    const { resource, listKind } = this.#resource;
    const more =
      'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
    return {
      description: `${listKind} is a list of ${resource.responseKind.kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        ...this.#typeMeta(),
        items: {
          description: `List of ${resource.resource}. ${more}`,
          type: 'array',
          items: reference(this.name, version),
        },
        metadata: this.#metadata(LIST_META, version),
      },
      ...this.#extensions(listKind),
    };
  }
}

export function customResourceModel(
  resources: readonly CustomResourceVersion[],
  scheme: Scheme,
  descriptions: OpenAPIDescriptions,
): OpenAPIModel {
  const definitions = new Map<string, OwnDefinition>();
  const names = new Map<string, string>();
  for (const resource of resources) {
    const custom = new CustomResource(resource, descriptions);
    for (const [name, definition] of custom.definitions()) definitions.set(name, definition);
    const { kind } = resource.resource.responseKind;
    names.set(kind, custom.name);
    names.set(`${kind}List`, custom.listName);
  }
  const paths = new ResourcePaths({
    parameters: new OptionParameters(scheme.tables, descriptions),
    mediaTypes: MEDIA_TYPES,
    streamMediaTypes: [],
    patchTypes: PATCH_TYPES,
    definitionOf: (gvk) => names.get(gvk.kind) ?? scheme.knownType(gvk).definition,
    hasGetOptions: true,
    hasWatchPaths: false,
  });
  for (const { group, version, resource } of resources) paths.add({ group, version }, resource);
  return { paths: paths.paths(), definitions, groupVersion: resources[0] };
}
