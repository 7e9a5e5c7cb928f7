import { describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../../../shared/apis/apiextensions/v1/types.ts';
import {
  type CustomResourceVersion,
  customResourceParts,
  type UnreadCustomResource,
} from '../../../../shared/endpoints/openapi/custom-resource-parts.ts';
import { customResourceSchema } from '../../../../shared/endpoints/openapi/custom-resource-schema.ts';
import { DefinitionSchemas } from '../../../../shared/endpoints/openapi/definition-schemas.ts';
import { buildDocumentV3 } from '../../../../shared/endpoints/openapi/document-v3.ts';
import { NO_DESCRIPTIONS } from '../../../../shared/endpoints/openapi/openapi-descriptions.ts';
import { SwaggerEncoder } from '../../../../shared/endpoints/openapi/swagger-document.ts';
import { newScheme } from '../../../../shared/server/builtin-scheme.ts';

const scheme = newScheme();
const builtin = new DefinitionSchemas(scheme, NO_DESCRIPTIONS);
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

describe('schemas', () => {
  const cases: [string, JSONSchemaProps, object, object][] = [
    [
      'common keywords of both versions',
      { type: 'object', required: ['a'], properties: { a: { type: 'string', maxLength: 3 } } },
      { type: 'object', required: ['a'], properties: { a: { type: 'string', maxLength: 3 } } },
      { type: 'object', required: ['a'], properties: { a: { type: 'string', maxLength: 3 } } },
    ],
    [
      'integers or strings',
      { 'x-kubernetes-int-or-string': true },
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      { 'x-kubernetes-int-or-string': true },
    ],
    [
      'integers or strings with further keywords',
      { 'x-kubernetes-int-or-string': true, anyOf: [{ pattern: '^a' }] },
      {
        'x-kubernetes-int-or-string': true,
        allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }],
        anyOf: [{ pattern: '^a' }],
      },
      { 'x-kubernetes-int-or-string': true },
    ],
    [
      'null',
      {
        type: 'object',
        required: ['a', 'b'],
        properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } },
      },
      {
        type: 'object',
        required: ['a', 'b'],
        properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } },
      },
      { type: 'object', required: ['b'], properties: { a: {}, b: { type: 'string' } } },
    ],
    [
      'unknown fields',
      {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { a: { type: 'string' } },
      },
      {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { a: { type: 'string' } },
      },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ],
    [
      'alternatives',
      { type: 'object', oneOf: [{ required: ['a'] }, { not: { required: ['b'] } }] },
      { type: 'object', oneOf: [{ required: ['a'] }, { not: { required: ['b'] } }] },
      { type: 'object' },
    ],
    [
      'maps and lists',
      {
        type: 'object',
        additionalProperties: {
          type: 'array',
          'x-kubernetes-list-type': 'set',
          items: { type: 'string' },
        },
      },
      {
        type: 'object',
        additionalProperties: {
          type: 'array',
          'x-kubernetes-list-type': 'set',
          items: { type: 'string' },
        },
      },
      {
        type: 'object',
        additionalProperties: {
          type: 'array',
          'x-kubernetes-list-type': 'set',
          items: { type: 'string' },
        },
      },
    ],
    [
      'properties named like inherited ones',
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as JSONSchemaProps,
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as object,
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as object,
    ],
  ];

  test.each(cases)('%s', (_name, schema, version3, version2) => {
    expect(customResourceSchema(schema, 3)).toEqual(version3);
    expect(customResourceSchema(schema, 2)).toEqual(version2);
  });
});

const widget: CustomResourceVersion = {
  group: 'stable.example.com',
  version: 'v1',
  listKind: 'WidgetList',
  preserveUnknownFields: false,
  selectableFields: ['spec.color'],
  schema: {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { color: { type: 'string' } } },
      template: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        properties: { spec: { type: 'object' } },
      },
    },
  },
  resource: {
    resource: 'widgets',
    responseKind: { group: 'stable.example.com', version: 'v1', kind: 'Widget' },
    scope: 'Namespaced',
    singularResource: 'widget',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: [
      {
        subresource: 'status',
        responseKind: { group: 'stable.example.com', version: 'v1', kind: 'Widget' },
        verbs: ['get', 'patch', 'update'],
      },
      {
        subresource: 'scale',
        responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
        verbs: ['get', 'patch', 'update'],
      },
    ],
  },
};

const unread = (resource: CustomResourceVersion): UnreadCustomResource => ({
  group: resource.group,
  version: resource.version,
  state: JSON.stringify(resource),
  read: async () => resource,
});

async function documents(...versions: CustomResourceVersion[]) {
  const parts = customResourceParts(versions.map(unread), scheme);
  const models = await Promise.all(parts.map((part) => part.model(NO_DESCRIPTIONS)));
  const encoder = new SwaggerEncoder('json', builtin);
  for (const model of models) await encoder.prepare(model, () => undefined);
  return {
    paths: parts.map(({ path }) => path),
    version3: (await buildDocumentV3(models[0]!, builtin)) as {
      paths: Record<string, Record<string, { operationId?: string }>>;
      components: { schemas: Record<string, Record<string, unknown>> };
    },
    version2: JSON.parse(Buffer.concat(encoder.encode(models)).toString()) as {
      definitions: Record<string, Record<string, unknown>>;
    },
  };
}

describe('documents', () => {
  test('a resource and its subresources', async () => {
    const { paths, version3 } = await documents(widget);
    expect(paths).toEqual(['apis/stable.example.com/v1']);
    const operations = Object.entries(version3.paths).map(([path, item]) => [
      path,
      Object.values(item).flatMap(({ operationId }) => operationId ?? []),
    ]);
    const item = '/apis/stable.example.com/v1/namespaces/{namespace}/widgets/{name}';
    const prefix = 'StableExampleComV1';
    expect(Object.fromEntries(operations)).toEqual({
      '/apis/stable.example.com/v1/namespaces/{namespace}/widgets': [
        `delete${prefix}CollectionNamespacedWidget`,
        `list${prefix}NamespacedWidget`,
        `create${prefix}NamespacedWidget`,
      ],
      [item]: [
        `delete${prefix}NamespacedWidget`,
        `read${prefix}NamespacedWidget`,
        `patch${prefix}NamespacedWidget`,
        `replace${prefix}NamespacedWidget`,
      ],
      [`${item}/scale`]: [
        `read${prefix}NamespacedWidgetScale`,
        `patch${prefix}NamespacedWidgetScale`,
        `replace${prefix}NamespacedWidgetScale`,
      ],
      [`${item}/status`]: [
        `read${prefix}NamespacedWidgetStatus`,
        `patch${prefix}NamespacedWidgetStatus`,
        `replace${prefix}NamespacedWidgetStatus`,
      ],
      '/apis/stable.example.com/v1/widgets': [`list${prefix}WidgetForAllNamespaces`],
    });
  });

  test('its definition: metadata, embedded objects, selectable fields', async () => {
    const { version3, version2 } = await documents(widget);
    const string = { type: 'string' };
    const definition = (prefix: string) => {
      const metadata = { $ref: `${prefix}${META}.ObjectMeta` };
      return {
        type: 'object',
        properties: {
          apiVersion: string,
          kind: string,
          metadata,
          spec: { type: 'object', properties: { color: string } },
          template: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            required: ['kind', 'apiVersion'],
            properties: { apiVersion: string, kind: string, metadata, spec: { type: 'object' } },
          },
        },
        'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', kind: 'Widget', version: 'v1' }],
        'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }],
      };
    };
    const name = 'com.example.stable.v1.Widget';
    expect(version3.components.schemas[name]).toEqual(definition('#/components/schemas/'));
    expect(version2.definitions[name]).toEqual(definition('#/definitions/'));
    expect(version3.components.schemas[`${name}List`]).toMatchObject({
      required: ['items'],
      properties: { items: { items: { $ref: `#/components/schemas/${name}` } } },
    });
    expect(Object.keys(version3.components.schemas)).toContain('io.k8s.api.autoscaling.v1.Scale');
  });

  test.each([
    ['no schema', { ...widget, schema: undefined }],
    ['an OpenAPI 2 schema that would reject preserved fields', { ...widget, preserveUnknownFields: true }],
  ])('%s: any object', async (_name, resource) => {
    const { version2 } = await documents(resource);
    expect(version2.definitions['com.example.stable.v1.Widget']).toMatchObject({ type: 'object' });
    expect(version2.definitions['com.example.stable.v1.Widget']).not.toHaveProperty('properties');
  });

  test('a part changes with its resources, and only with them', () => {
    const other = { ...widget, version: 'v2' };
    const [first, second] = customResourceParts([widget, other].map(unread), scheme);
    const [same, changed] = customResourceParts(
      [widget, { ...other, selectableFields: [] }].map(unread),
      scheme,
    );
    expect(same!.state()).toBe(first!.state());
    expect(changed!.state()).not.toBe(second!.state());
  });
});
