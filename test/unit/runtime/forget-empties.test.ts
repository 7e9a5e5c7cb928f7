import { expect, test } from 'vitest';
import { forgetEmpties } from '../../../shared/runtime/forget-empties.ts';
import { parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { kindSchemas } from '../../fixtures/kind-schemas.ts';

const schemaOf = (apiVersion: string, kind: string) =>
  kindSchemas({ ...parseGroupVersion(apiVersion)!, kind });

test.each<[apiVersion: string, kind: string, object: object, stored: object]>([
  ['rbac.authorization.k8s.io/v1', 'Role', { rules: [] }, { rules: null }],
  [
    'rbac.authorization.k8s.io/v1',
    'Role',
    { rules: [{ verbs: [] }, { verbs: ['get'] }] },
    { rules: [{ verbs: null }, { verbs: ['get'] }] },
  ],
  ['v1', 'Secret', { data: { a: null, b: 'eA==' } }, { data: { a: '', b: 'eA==' } }],
  ['v1', 'ConfigMap', { data: { a: '' }, binaryData: { ['__proto__']: 'eA==' } }, { data: { a: '' } }],
  [
    'v1',
    'Pod',
    { spec: { overhead: {}, containers: [{ name: 'c' }] } },
    { spec: { containers: [{ name: 'c' }] } },
  ],
  [
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { spec: { versions: [{ schema: { openAPIV3Schema: { properties: { a: { dependencies: {} } } } } }] } },
    { spec: { versions: [{ schema: { openAPIV3Schema: { properties: { a: {} } } } }] } },
  ],
])('%s %s: %j comes back as %j', (apiVersion, kind, object, stored) => {
  const before = structuredClone(object);
  expect(atOnce(forgetEmpties(object, schemaOf(apiVersion, kind)))).toMatchObject(stored);
  expect(JSON.stringify(atOnce(forgetEmpties(object, schemaOf(apiVersion, kind))))).toBe(
    JSON.stringify({ ...object, ...stored }),
  );
  expect(object).toEqual(before);
});

test('a value without empty parts is not copied', () => {
  const pod = { spec: { containers: [{ name: 'c', ports: [{ containerPort: 1 }] }], tolerations: [] } };
  expect(atOnce(forgetEmpties(pod, schemaOf('v1', 'Pod')))).toBe(pod);
});
