/** If the objects that grant access can't be read, requests fail with a retry hint and are not denied. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuthorizerAttributes } from '../../../shared/authz/authorizer.ts';
import { UnionAuthorizer } from '../../../shared/authz/union-authorizer.ts';
import { unreadable } from '../../../shared/authz/unreadable.ts';
import { StorageError } from '../../../shared/storage/errors.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

/** Questions as verb and resource with subresource, or verb and path. */
let unknown: readonly string[] = [];
let refused: readonly string[] = [];

const namesOf = ({ verb, resource, subresource, path }: AuthorizerAttributes): string[] => [
  `${verb} ${subresource === '' ? resource || path : `${resource}/${subresource}`}`,
];
const isAmong = (asked: readonly string[], attributes: AuthorizerAttributes) =>
  namesOf(attributes).some((name) => asked.includes(name));

let server: TestServer;
beforeAll(async () => {
  const authorizer = new UnionAuthorizer([
    {
      name: 'fake',
      authorizer: {
        authorize: async (attributes) => {
          if (isAmong(refused, attributes)) return { decision: 'NoOpinion', reason: '' };
          if (!isAmong(unknown, attributes)) return { decision: 'Allow', reason: '' };
          const error = unreadable(new StorageError('Throttled', 'x', { retryAfterSeconds: 1 }))!;
          return { decision: 'NoOpinion', reason: '', error };
        },
      },
    },
  ]);
  server = await startTestServer(
    { enableAdmissionPlugins: ['OwnerReferencesPermissionEnforcement'] },
    {
      authorizer,
      authenticator: {
        authenticateRequest: async () => ({
          user: { name: 'ada', uid: '', groups: ['system:authenticated'], extra: {} },
          audiences: [],
        }),
      },
    },
  );
  await call(server, 'POST', CLAIMS, { body: claim });
});
afterAll(() => server.close());

const DEFAULT = 'namespaces/default';
const REVIEWS = '/apis/authorization.k8s.io/v1';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const CLAIMS = `/apis/resource.k8s.io/v1/${DEFAULT}/resourceclaims`;
const pods = { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'default' } };
const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }];
const request = { name: 'r', exactly: { deviceClassName: 'd' } };
const claim = { metadata: { name: 'c' }, spec: { devices: { requests: [request] } } };
const result = { request: 'r', driver: 'd.example.com', pool: 'p', device: 'x' };
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u', blockOwnerDeletion: true };
const policy = {
  metadata: { name: 'p' },
  spec: {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
    validations: [{ expression: 'true' }],
  },
};

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly unknown: readonly string[];
  readonly refused?: readonly string[];
}

test.each<[string, Asked]>([
  ['a request', { path: `/api/v1/${DEFAULT}/pods`, unknown: ['list pods'] }],
  ['a non-resource request', { path: '/version', unknown: ['get /version'] }],
  [
    'kubectl auth can-i',
    {
      method: 'POST',
      path: `${REVIEWS}/selfsubjectaccessreviews`,
      body: { spec: pods },
      unknown: ['list pods'],
    },
  ],
  [
    "another server's question",
    {
      method: 'POST',
      path: `${REVIEWS}/subjectaccessreviews`,
      body: { spec: { ...pods, user: 'bob' } },
      unknown: ['list pods'],
    },
  ],
  [
    'a question in a namespace',
    {
      method: 'POST',
      path: `${REVIEWS}/${DEFAULT}/localsubjectaccessreviews`,
      body: { metadata: { namespace: 'default' }, spec: { ...pods, user: 'bob' } },
      unknown: ['list pods'],
    },
  ],
  [
    'impersonation',
    {
      path: `/api/v1/${DEFAULT}/pods`,
      headers: { 'impersonate-user': 'bob' },
      unknown: ['impersonate:user-info users', 'impersonate users'],
    },
  ],
  [
    'impersonation denied by one kind of check and undecided by the other',
    {
      path: `/api/v1/${DEFAULT}/pods`,
      headers: { 'impersonate-user': 'bob' },
      refused: ['impersonate:user-info users'],
      unknown: ['impersonate users'],
    },
  ],
  [
    'a creation by an update',
    {
      method: 'PUT',
      path: `/apis/coordination.k8s.io/v1/${DEFAULT}/leases/l`,
      body: { metadata: { name: 'l' } },
      unknown: ['create leases'],
    },
  ],
  [
    'the status of a claim',
    {
      method: 'PATCH',
      path: `${CLAIMS}/c/status`,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { status: { allocation: { devices: { results: [result] } } } },
      unknown: ['patch resourceclaims/binding'],
    },
  ],
  [
    'admission, of an owner',
    {
      method: 'POST',
      path: `/api/v1/${DEFAULT}/configmaps`,
      body: { metadata: { name: 'owned', ownerReferences: [owner] } },
      unknown: ['update configmaps/finalizers', 'update */finalizers', 'update *'],
    },
  ],
  [
    'the right to grant',
    {
      method: 'POST',
      path: `${RBAC}/clusterroles`,
      body: { metadata: { name: 'r' }, rules },
      unknown: ['escalate clusterroles'],
    },
  ],
  [
    'the right to bind',
    {
      method: 'POST',
      path: `${RBAC}/clusterrolebindings`,
      body: {
        metadata: { name: 'b' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      },
      unknown: ['bind clusterroles'],
    },
  ],
  [
    "a policy's parameters",
    {
      method: 'POST',
      path: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
      body: policy,
      unknown: ['get configmaps'],
    },
  ],
])('%s', async (_asker, { method = 'GET', path, body, headers = {}, ...questions }) => {
  unknown = questions.unknown;
  refused = questions.refused ?? [];
  try {
    const answer = await call(server, method, path, { body, headers });
    expect([answer.status, answer.headers['retry-after'], answer.json]).toEqual([
      429,
      '1',
      expect.objectContaining({ kind: 'Status', status: 'Failure', reason: 'TooManyRequests' }),
    ]);
  } finally {
    unknown = [];
    refused = [];
  }
});
