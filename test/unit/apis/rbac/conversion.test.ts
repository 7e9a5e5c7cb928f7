import { expect, test } from 'vitest';
import { installAll } from '../../../../shared/apis/install.ts';
import type { RoleBinding } from '../../../../shared/apis/rbac/v1/types.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';

const scheme = new Scheme(builtinTypeTables());
installAll(scheme);

const group = 'rbac.authorization.k8s.io';
const kind = 'RoleBinding';

function converted(from: string, subject: object, to: string): unknown {
  const roleRef = { apiGroup: group, kind: 'Role', name: 'r' };
  const object = { apiVersion: `${group}/${from}`, kind, metadata: {}, subjects: [subject], roleRef };
  return scheme.convert<RoleBinding>(structuredClone(object), { group, version: to, kind }).subjects?.[0];
}

test.each<[object, object]>([
  [
    { kind: 'User', apiVersion: 'x/v1', name: 'jo' },
    { kind: 'User', apiGroup: group, name: 'jo' },
  ],
  [
    { kind: 'Group', name: 'all' },
    { kind: 'Group', apiGroup: group, name: 'all' },
  ],
  [
    { kind: 'User', name: '*' },
    { kind: 'Group', apiGroup: group, name: 'system:authenticated' },
  ],
  [
    { kind: 'ServiceAccount', apiVersion: 'v1', name: 'bot', namespace: 'ns' },
    { kind: 'ServiceAccount', name: 'bot', namespace: 'ns' },
  ],
  [
    { kind: 'Robot', apiVersion: 'x.io/v2', name: 'r2' },
    { kind: 'Robot', apiGroup: 'x.io', name: 'r2' },
  ],
])('v1alpha1 subject %o', (subject, expected) => {
  expect(converted('v1alpha1', subject, 'v1')).toStrictEqual(expected);
});

test.each<[object, object]>([
  [
    { kind: 'User', apiGroup: group, name: 'jo' },
    { kind: 'User', apiVersion: `${group}/v1alpha1`, name: 'jo' },
  ],
  [
    { kind: 'ServiceAccount', name: 'bot', namespace: 'ns' },
    { kind: 'ServiceAccount', apiVersion: 'v1', name: 'bot', namespace: 'ns' },
  ],
  [
    { kind: 'Robot', apiGroup: 'x.io', name: 'r2' },
    { kind: 'Robot', apiVersion: 'x.io/', name: 'r2' },
  ],
])('v1 subject %o in v1alpha1', (subject, expected) => {
  expect(converted('v1', subject, 'v1alpha1')).toStrictEqual(expected);
});
