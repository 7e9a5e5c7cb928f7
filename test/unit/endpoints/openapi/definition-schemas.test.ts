import { describe, expect, test } from 'vitest';
import { DefinitionSchemas } from '../../../../shared/endpoints/openapi/definition-schemas.ts';
import type { GroupVersion } from '../../../../shared/runtime/group-version.ts';
import { newScheme } from '../../../../shared/server/builtin-scheme.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const schemas = new DefinitionSchemas(newScheme(), {
  definitions: {
    'io.k8s.api.coordination.v1.LeaseSpec': {
      description: 'What a lease says.',
      fields: { holderIdentity: 'Who holds it.', acquireTime: 'Since when.' },
    },
    [`${META}.MicroTime`]: { description: 'A time.', fields: {} },
  },
  parameters: {},
});

describe('OpenAPI 3', () => {
  test('a struct: descriptions, formats, references', () => {
    expect(schemas.schema('io.k8s.api.coordination.v1.LeaseSpec', 3)).toEqual({
      description: 'What a lease says.',
      type: 'object',
      properties: {
        acquireTime: {
          allOf: [{ $ref: `#/components/schemas/${META}.MicroTime` }],
          description: 'Since when.',
        },
        holderIdentity: { type: 'string', description: 'Who holds it.' },
        leaseDurationSeconds: { type: 'integer', format: 'int32' },
        leaseTransitions: { type: 'integer', format: 'int32' },
        preferredHolder: { type: 'string' },
        // Without a description of its own or of the referenced type.
        renewTime: { $ref: `#/components/schemas/${META}.MicroTime` },
        strategy: { type: 'string' },
      },
    });
  });

  test('a kind: defaults where Go has zero values, the group version kind', () => {
    expect(schemas.schema('io.k8s.api.coordination.v1.LeaseList', 3)).toEqual({
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { type: 'string' },
        items: {
          type: 'array',
          items: {
            allOf: [{ $ref: '#/components/schemas/io.k8s.api.coordination.v1.Lease' }],
            default: {},
          },
        },
        kind: { type: 'string' },
        metadata: { allOf: [{ $ref: `#/components/schemas/${META}.ListMeta` }], default: {} },
      },
      'x-kubernetes-group-version-kind': [{ group: 'coordination.k8s.io', kind: 'LeaseList', version: 'v1' }],
    });
  });

  test('a kind of every group version, in a document of one', () => {
    const kinds = (version: 2 | 3, groupVersion?: GroupVersion) =>
      (
        schemas.schema(`${META}.DeleteOptions`, version, groupVersion) as {
          'x-kubernetes-group-version-kind': object[];
        }
      )['x-kubernetes-group-version-kind'];
    const core = { group: '', kind: 'DeleteOptions', version: 'v1' };
    expect(kinds(3)).toEqual([core]);
    expect(kinds(3, { group: 'apps', version: 'v1' })).toEqual([core, { ...core, group: 'apps' }]);
    expect(kinds(3, { group: 'example.com', version: 'v1' })).toEqual([core]);
    expect(kinds(2).length).toBeGreaterThan(40);
  });

  test('unions', () => {
    expect(schemas.schema('io.k8s.api.core.v1.SeccompProfile', 3)).toMatchObject({
      'x-kubernetes-unions': [
        {
          discriminator: 'type',
          'fields-to-discriminateBy': { localhostProfile: 'LocalhostProfile' },
        },
      ],
    });
  });

  test('types with a custom JSON form', () => {
    expect(schemas.schema('io.k8s.apimachinery.pkg.util.intstr.IntOrString', 3)).toEqual({
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    });
    expect(schemas.schema('io.k8s.apimachinery.pkg.api.resource.Quantity', 3)).toEqual({
      oneOf: [{ type: 'string' }, { type: 'number' }],
    });
    expect(schemas.schema('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON', 3)).toEqual({});
  });
});

describe('OpenAPI 2', () => {
  test('references without siblings; no defaults', () => {
    expect(schemas.schema('io.k8s.api.coordination.v1.Lease', 2)).toEqual({
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { $ref: `#/definitions/${META}.ObjectMeta` },
        spec: {
          $ref: '#/definitions/io.k8s.api.coordination.v1.LeaseSpec',
        },
      },
      'x-kubernetes-group-version-kind': [{ group: 'coordination.k8s.io', kind: 'Lease', version: 'v1' }],
    });
  });

  test('merge strategies of lists and maps', () => {
    const service = schemas.schema('io.k8s.api.core.v1.ServiceSpec', 2)['properties'];
    expect(service).toMatchObject({
      ports: {
        type: 'array',
        items: { $ref: '#/definitions/io.k8s.api.core.v1.ServicePort' },
        'x-kubernetes-list-map-keys': ['port', 'protocol'],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-patch-merge-key': 'port',
        'x-kubernetes-patch-strategy': 'merge',
      },
      selector: {
        type: 'object',
        additionalProperties: { type: 'string' },
        'x-kubernetes-map-type': 'atomic',
      },
    });
  });

  test('types with a custom JSON form', () => {
    expect(schemas.schema('io.k8s.apimachinery.pkg.util.intstr.IntOrString', 2)).toEqual({
      format: 'int-or-string',
      type: 'string',
    });
    expect(schemas.schema('io.k8s.apimachinery.pkg.api.resource.Quantity', 2)).toEqual({ type: 'string' });
    expect(schemas.schema(`${META}.Patch`, 2)).toEqual({ type: 'object' });
  });
});

test('unnamed types have no schema', () => {
  expect(schemas.has('io.k8s.api.core.v1.constructor')).toBe(false);
  expect(schemas.has('__proto__')).toBe(false);
  expect(schemas.has('io.k8s.api.core.v1.Pod')).toBe(true);
});
