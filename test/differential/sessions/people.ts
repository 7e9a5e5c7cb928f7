/** Non-administrators: roles, escalation, impersonation, nodes, service accounts. */

import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove, TABLE } from './steps.ts';

const N = '/api/v1/namespaces/$N';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ROLES = `${RBAC}/namespaces/$N/roles`;
const BINDINGS = `${RBAC}/namespaces/$N/rolebindings`;
const REVIEWS = '/apis/authorization.k8s.io/v1';

const role = (name: string, ...rules: object[]) =>
  object('rbac.authorization.k8s.io/v1', 'Role', name, { rules });
const rule = (verbs: string[], resources: string[], more: object = {}) => ({
  apiGroups: [''],
  verbs,
  resources,
  ...more,
});
const binding = (name: string, roleRef: object, ...subjects: object[]) =>
  object('rbac.authorization.k8s.io/v1', 'RoleBinding', name, {
    subjects,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...roleRef },
  });
const user = (name: string) => ({ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' });
const map = (name: string, more: object = {}) => object('v1', 'ConfigMap', name, more);
const pod = (name: string, more: object = {}) =>
  object('v1', 'Pod', name, { spec: { containers: [{ name: 'c', image: 'x' }], ...more } });

/** The step, sent as another user. */
const as = (headers: Record<string, string>, step: Step): Step => ({
  ...step,
  headers: { ...step.headers, ...headers },
});
const JANE = { 'impersonate-user': 'jane', 'impersonate-group': 'system:authenticated' };
const BOT = { 'impersonate-user': 'system:serviceaccount:$N:bot' };
const NODE = { 'impersonate-user': 'system:node:n1', 'impersonate-group': 'system:nodes' };
const asJane = (...steps: Step[]) => steps.map((step) => as(JANE, step));

const ROLES_STEPS: readonly Step[] = [
  post(`${N}/configmaps`, map('a')),
  post(`${N}/configmaps`, map('b')),
  ...asJane(
    get(`${N}/configmaps`),
    get(`${N}/configmaps/a`),
    get(`${N}/configmaps?watch=1&timeoutSeconds=1`),
    get('/api/v1/configmaps'),
    get('/api/v1/nodes'),
    get('/apis/apps/v1/deployments'),
    get(`/apis/apps/v1/namespaces/$N/deployments/x/scale`),
    get('/apis/no.such/v1/things'),
    get('/apis/no.such/v1/namespaces/$N/things/x'),
    get('/nothing'),
    post(`${N}/pods/p/exec`, undefined),
    remove(`${N}/configmaps`),
    get('/api/v1/namespaces'),
    get(N),
  ),
  post(
    ROLES,
    role(
      'reader',
      rule(['get', 'list', 'watch'], ['configmaps']),
      rule(['get'], ['secrets'], { resourceNames: ['one'] }),
      rule(['create', 'update', 'patch', 'delete'], ['configmaps'], { resourceNames: ['a', 'new'] }),
    ),
  ),
  post(BINDINGS, binding('jane', { kind: 'Role', name: 'reader' }, user('jane'))),
  { ...as(JANE, get(`${N}/configmaps`)), until: 200 },
  ...asJane(
    get(`${N}/configmaps/a`),
    get(`${N}/configmaps`, TABLE),
    get(`${N}/secrets/one`),
    get(`${N}/secrets/two`),
    get(`${N}/secrets`),
    get(`${N}/secrets?fieldSelector=metadata.name%3Done`),
    get(`${N}/secrets?fieldSelector=metadata.name%3Done&watch=1&timeoutSeconds=1`),
    post(`${N}/configmaps`, map('new')),
    post(`${N}/configmaps`, map('other')),
    put(`${N}/configmaps/new`, map('new')),
    patch('merge', `${N}/configmaps/a`, { data: { x: '1' } }),
    patch('merge', `${N}/configmaps/b`, { data: { x: '1' } }),
    patch('apply', `${N}/configmaps/new?fieldManager=f`, map('new')),
    patch('apply', `${N}/configmaps/a?fieldManager=f`, map('a', { data: { x: '2' } })),
    patch('merge', `${N}/configmaps/a/status`, {}),
    patch('merge', `${N}/configmaps/a`, {
      metadata: {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', uid: 'x', blockOwnerDeletion: true },
        ],
      },
    }),
    remove(`${N}/configmaps/a?dryRun=All`),
    remove(`${N}/configmaps/b`),
    remove(`${N}/configmaps?labelSelector=x`),
    post(ROLES, role('mine', rule(['get'], ['configmaps']))),
    post(`${REVIEWS}/selfsubjectaccessreviews`, {
      spec: { resourceAttributes: { namespace: '$N', verb: 'get', resource: 'configmaps' } },
    }),
    post(`${REVIEWS}/selfsubjectaccessreviews`, {
      spec: { resourceAttributes: { namespace: '$N', verb: 'get', resource: 'secrets', name: 'one' } },
    }),
    post(`${REVIEWS}/selfsubjectaccessreviews`, {
      spec: { nonResourceAttributes: { path: '/healthz', verb: 'get' } },
    }),
    post(`${REVIEWS}/selfsubjectrulesreviews`, { spec: { namespace: '$N' } }),
    post(`${REVIEWS}/namespaces/$N/localsubjectaccessreviews`, {
      spec: { user: 'jane', resourceAttributes: { namespace: '$N', verb: 'get', resource: 'pods' } },
    }),
    post(`${REVIEWS}/subjectaccessreviews`, {
      spec: { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods' } },
    }),
    post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}),
    post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x' } }),
  ),
  // A manager of roles may not grant rights it does not have.
  post(
    ROLES,
    role('manager', {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['roles', 'rolebindings'],
      verbs: ['*'],
    }),
  ),
  post(BINDINGS, binding('manager', { kind: 'Role', name: 'manager' }, user('jane'))),
  { ...as(JANE, get(ROLES)), until: 200 },
  ...asJane(
    post(`${ROLES}?dryRun=All`, role('mine', rule(['get'], ['configmaps']))),
    post(`${ROLES}?dryRun=All`, role('mine', rule(['get', 'delete'], ['configmaps', 'pods']))),
    post(`${ROLES}?dryRun=All`, role('mine', rule(['get'], ['secrets'], { resourceNames: ['one'] }))),
    post(`${ROLES}?dryRun=All`, role('mine', rule(['get'], ['secrets'], { resourceNames: ['one', 'two'] }))),
    post(`${ROLES}?dryRun=All`, role('mine', rule(['get'], ['secrets']))),
    post(`${ROLES}?dryRun=All`, role('mine', rule(['*'], ['*'], { apiGroups: ['*'] }))),
    post(
      `${ROLES}?dryRun=All`,
      role('mine', { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['update', 'get'] }),
    ),
    post(`${ROLES}?dryRun=All`, role('mine', { nonResourceURLs: ['/x'], verbs: ['get'] })),
    post(`${ROLES}?dryRun=All`, role('mine')),
    post(`${BINDINGS}?dryRun=All`, binding('mine', { kind: 'Role', name: 'reader' }, user('joe'))),
    post(`${BINDINGS}?dryRun=All`, binding('mine', { kind: 'Role', name: 'none' }, user('joe'))),
    post(`${BINDINGS}?dryRun=All`, binding('mine', { kind: 'ClusterRole', name: 'view' }, user('joe'))),
    post(
      `${BINDINGS}?dryRun=All`,
      binding('mine', { kind: 'ClusterRole', name: 'cluster-admin' }, user('joe')),
    ),
    patch('merge', `${BINDINGS}/jane?dryRun=All`, { subjects: [user('joe')] }),
    patch('merge', `${BINDINGS}/jane?dryRun=All`, { roleRef: { name: 'manager' } }),
    patch('merge', `${BINDINGS}/jane?dryRun=All`, { metadata: { labels: { a: 'b' } } }),
    patch('merge', `${ROLES}/reader?dryRun=All`, { rules: [rule(['*'], ['configmaps'])] }),
    patch('merge', `${ROLES}/reader?dryRun=All`, { rules: [rule(['get'], ['configmaps'])] }),
    post(
      `${RBAC}/clusterroles?dryRun=All`,
      object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'x', { rules: [] }),
    ),
  ),
  ...[
    { rules: [{}] },
    { rules: [{ verbs: ['get'] }] },
    { rules: [{ verbs: [], resources: ['x'], apiGroups: [''] }] },
    { rules: [{ verbs: ['get'], resources: ['x'] }] },
    { rules: [{ verbs: ['get'], apiGroups: [''], resources: [] }] },
    { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['x'], nonResourceURLs: ['/x'] }] },
    { rules: [{ verbs: ['get'], nonResourceURLs: ['x', '/a*b', '*'] }] },
    { rules: null },
  ].flatMap((more) => [
    post(`${ROLES}?dryRun=All`, object('rbac.authorization.k8s.io/v1', 'Role', 'odd', more)),
    post(
      `${RBAC}/clusterroles?dryRun=All`,
      object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'odd', more),
    ),
  ]),
  post(
    `${RBAC}/clusterroles?dryRun=All`,
    object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'odd', { aggregationRule: {} }),
  ),
  post(
    `${RBAC}/clusterroles?dryRun=All`,
    object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'odd', {
      aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Odd' }] }] },
    }),
  ),
  ...[
    [user('a'), { kind: 'User', name: 'a' }, { kind: 'Group', name: '', apiGroup: 'x' }],
    [
      { kind: 'ServiceAccount', name: 'A_b' },
      { kind: 'ServiceAccount', name: 'a', namespace: '$N', apiGroup: 'x' },
      { kind: 'ServiceAccount', name: 'a', namespace: 'B b' },
    ],
    [{ kind: 'Odd', name: 'x' }, { name: 'x' }, {}],
    [{ kind: 'User', name: 'x', namespace: 'y', apiGroup: 'rbac.authorization.k8s.io' }],
  ].flatMap((subjects) => [
    post(`${BINDINGS}?dryRun=All`, binding('odd', { kind: 'Role', name: 'r' }, ...subjects)),
    post(`${RBAC}/clusterrolebindings?dryRun=All`, {
      ...binding('odd', { kind: 'ClusterRole', name: 'r' }, ...subjects),
      kind: 'ClusterRoleBinding',
    }),
  ]),
  ...[
    { kind: 'Odd', name: 'x' },
    { kind: 'Role' },
    { name: 'x' },
    { kind: 'Role', name: 'a/b' },
    { kind: 'Role', name: 'x', apiGroup: 'y' },
  ].flatMap((ref) => [
    post(`${BINDINGS}?dryRun=All`, binding('odd', ref)),
    post(`${RBAC}/clusterrolebindings?dryRun=All`, { ...binding('odd', ref), kind: 'ClusterRoleBinding' }),
  ]),
];

const IMPERSONATED: readonly Step[] = [
  ...[
    { 'impersonate-user': '' },
    { 'impersonate-group': 'x' },
    { 'impersonate-uid': 'x' },
    { 'impersonate-extra-a': 'x' },
    { 'impersonate-user': 'system:serviceaccount:$N' },
    { 'impersonate-user': 'system:serviceaccount:$N:bot', 'impersonate-group': 'g' },
    { 'impersonate-user': 'system:anonymous' },
    { 'impersonate-user': 'system:node:x' },
    {
      'impersonate-user': 'u',
      'impersonate-uid': '7',
      'impersonate-extra-Some%2fThing': 'x',
      'impersonate-extra-scopes': 'y',
    },
    { 'impersonate-user': 'u', 'impersonate-extra-%zz': 'x' },
    { 'impersonate-user': 'u', 'impersonate-group': 'system:masters' },
    { 'impersonate-user': 'u', 'impersonate-group': 'system:unauthenticated' },
  ].flatMap((headers) => [
    as(headers as Record<string, string>, post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {})),
    as(headers as Record<string, string>, get(`${N}/configmaps`)),
  ]),
  ...[NODE, BOT].flatMap((person) => [
    as(person, post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {})),
    as(person, post(`${REVIEWS}/selfsubjectrulesreviews`, { spec: { namespace: '$N' } })),
    as(person, get('/api/v1/nodes')),
    as(person, get(`${N}/pods`)),
    as(person, get(`${N}/secrets/x`)),
    as(person, post(`${N}/pods`, pod('p'))),
    as(person, post(`${N}/serviceaccounts/default/token`, { spec: {} })),
  ]),
];

export function people(): Session[] {
  return [
    { name: 'people and roles', steps: ROLES_STEPS },
    { name: 'people as others', steps: IMPERSONATED },
  ];
}
