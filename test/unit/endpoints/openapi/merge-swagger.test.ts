import { describe, expect, test } from 'vitest';
import { additionsTo, filterSwagger } from '../../../../shared/endpoints/openapi/merge-swagger.ts';
import type { OpenAPISchema } from '../../../../shared/endpoints/openapi/openapi-model.ts';

const ref = (section: string, name: string) => ({ $ref: `#/${section}/${name}` });

describe('filterSwagger', () => {
  test('keeps the paths below a prefix, and their references', () => {
    const swagger = {
      paths: {
        '/apis/a/v1/': {
          get: { parameters: [ref('parameters', 'pretty')], schema: ref('definitions', 'A') },
        },
        '/apis/a/v10/': { get: { schema: ref('definitions', 'C') } },
        '/version/': { get: { schema: ref('definitions', 'Info') } },
      },
      definitions: {
        A: { properties: { b: ref('definitions', 'B'), missing: ref('definitions', 'Missing') } },
        B: { items: ref('definitions', 'A') },
        C: {},
        Info: {},
      },
      parameters: { pretty: { in: 'query' }, other: { in: 'query' } },
    };
    expect(filterSwagger(swagger, '/apis/a/v1/')).toEqual({
      paths: { '/apis/a/v1/': swagger.paths['/apis/a/v1/'] },
      definitions: { A: swagger.definitions.A, B: swagger.definitions.B },
      parameters: { pretty: { in: 'query' } },
    });
  });

  test('names of JavaScript prototype members', () => {
    const swagger = {
      paths: { '/apis/a/v1/': { get: { schema: ref('definitions', 'constructor') } } },
      definitions: {},
      parameters: {},
    };
    expect(filterSwagger(swagger, '/apis/a/v1/').definitions).toEqual({});
  });
});

describe('additionsTo', () => {
  test('equal definitions are shared, different ones are renamed', () => {
    const kinds = [{ group: '', kind: 'Same', version: 'v1' }];
    const base = {
      paths: { '/a/': { get: ref('definitions', 'Same') } },
      definitions: {
        Same: { type: 'object', 'x-kubernetes-group-version-kind': kinds },
        Other: { type: 'object' },
        Other_v2: { type: 'boolean' },
      },
      parameters: { p: { in: 'query', name: 'p' } },
    };
    const added = {
      paths: {
        '/a/': { get: ref('definitions', 'Other') },
        '/b/': { get: ref('definitions', 'Other'), parameters: [ref('parameters', 'p')] },
      },
      definitions: { Same: { type: 'object' }, Other: { items: ref('definitions', 'Other') }, New: {} },
      parameters: { p: { in: 'query', name: 'p', type: 'string' } },
    };
    const member = (section: keyof typeof base, name: string) =>
      new Map<string, object>(Object.entries(base[section])).get(name) as OpenAPISchema | undefined;
    expect(additionsTo({ member }, added)).toEqual({
      paths: {
        '/b/': { get: ref('definitions', 'Other_v3'), parameters: [ref('parameters', 'p_v2')] },
      },
      definitions: {
        Other_v3: { items: ref('definitions', 'Other_v3') },
        New: {},
      },
      parameters: { p_v2: added.parameters.p },
    });
  });
});
