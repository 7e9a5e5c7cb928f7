/** The cost of an RBAC decision with 1,000 roles and as many bindings. */

import type { AuthorizerAttributes } from '../../../shared/authz/authorizer.ts';
import { RBACAuthorizer } from '../../../shared/authz/rbac/rbac-authorizer.ts';
import { attributes, memoryRBAC, user } from '../../unit/authz/fixtures.ts';

const COUNT = 1000;
const ROUNDS = 20_000;
const GROUP = 'rbac.authorization.k8s.io';

function rbac() {
  const numbers = Array.from({ length: COUNT }, (_, index) => index);
  const roleRef = (kind: string, name: string) => ({ apiGroup: GROUP, kind, name });
  const subject = (name: string) => ({ kind: 'User', name, apiGroup: GROUP });
  const rules = [{ apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['get', 'list'] }];
  return memoryRBAC({
    roles: numbers.map((n) => ({ metadata: { name: `r${n}`, namespace: `ns${n % 50}` }, rules })),
    roleBindings: numbers.map((n) => ({
      metadata: { name: `b${n}`, namespace: `ns${n % 50}` },
      subjects: [subject(`user${n}`)],
      roleRef: roleRef('Role', `r${n}`),
    })),
    clusterRoles: numbers.map((n) => ({ metadata: { name: `c${n}` }, rules })),
    clusterRoleBindings: numbers.map((n) => ({
      metadata: { name: `cb${n}` },
      subjects: [subject(`admin${n}`)],
      roleRef: roleRef('ClusterRole', `c${n}`),
    })),
  });
}

async function microseconds(authorizer: RBACAuthorizer, what: AuthorizerAttributes): Promise<number> {
  for (let round = 0; round < ROUNDS / 10; round++) await authorizer.authorize(what);
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) await authorizer.authorize(what);
  return ((performance.now() - start) * 1000) / ROUNDS;
}

export async function run(): Promise<string> {
  const { resolver, listers } = rbac();
  const authorizer = new RBACAuthorizer(resolver);
  const get = (who: string, namespace: string) =>
    attributes(user(who), 'get', 'pods', { namespace, name: 'x' });
  const cases: [string, AuthorizerAttributes][] = [
    ['allowed by a ClusterRole', get('admin500', 'ns1')],
    ['allowed by a Role', get('user500', 'ns0')],
    ['refused', get('nobody', 'ns0')],
  ];
  const rows: string[] = [];
  for (const [name, what] of cases) {
    rows.push(`| ${name} | ${(await microseconds(authorizer, what)).toFixed(2)} µs |`);
  }
  listers.roles.replace(...listers.roles.items);
  const start = performance.now();
  await authorizer.authorize(get('user500', 'ns0'));
  rows.push(`| the first after a change | ${((performance.now() - start) * 1000).toFixed(0)} µs |`);
  return ['| A decision with 1,000 objects of each kind | |', '| --- | --- |', ...rows].join('\n');
}
