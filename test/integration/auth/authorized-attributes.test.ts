/**
 * The authorizer attributes of each kind of request, as in kube-apiserver 1.36: expected values are from
 * pkg/endpoints/request/requestinfo.go, endpoints/filters, endpoints/handlers and the checks of registries and
 * admission plugins.
 */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Authorizer, AuthorizerAttributes } from '../../../shared/authz/authorizer.ts';
import type { UserInfo } from '../../../shared/request/user-info.ts';
import { call, startTestServer, type TestAnswer, type TestServer } from '../../fixtures/api-server.ts';
import { certificateRequest } from '../../fixtures/certificate-request.ts';
import { ca, certificate } from '../../unit/authn/pki.ts';

const CALLER: UserInfo = { name: 'caller', uid: 'u1', groups: ['dev', 'system:authenticated'], extra: {} };
const NODE: UserInfo = {
  name: 'system:node:n1',
  uid: '',
  groups: ['system:nodes', 'system:authenticated'],
  extra: {},
};
const DRIVER: UserInfo = {
  name: 'system:serviceaccount:default:driver',
  uid: '',
  groups: ['system:serviceaccounts'],
  extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
};

let asked: AuthorizerAttributes[] = [];
/** Everything is allowed except attributes for which this is true. */
let refuses: (attributes: AuthorizerAttributes) => boolean = () => false;
let user = CALLER;

const recorder: Authorizer = {
  async authorize(attributes) {
    asked.push(attributes);
    return { decision: refuses(attributes) ? 'NoOpinion' : 'Allow', reason: '' };
  },
};

/** All attributes in one line; user and path only if they differ from the request's. */
function line(attributes: AuthorizerAttributes, path: string): string {
  const { verb, apiGroup, apiVersion, resource, subresource, namespace, name } = attributes;
  const selectors = [...(attributes.fieldSelector ?? []), ...(attributes.labelSelector ?? [])].map(
    ({ key, operator, values }) => `[${key} ${operator} ${values.join(',')}]`,
  );
  const parts = attributes.isResourceRequest
    ? [
        verb,
        `${apiGroup || 'core'}/${apiVersion}`,
        subresource === '' ? resource : `${resource}/${subresource}`,
        `${namespace || '-'}/${name || '-'}`,
        ...selectors,
      ]
    : [verb, apiGroup, apiVersion, resource, subresource, namespace, name, attributes.path].filter(Boolean);
  if (attributes.isResourceRequest && attributes.path !== path) {
    parts.push(attributes.path === '' ? 'no path' : attributes.path);
  }
  if (attributes.user !== user) parts.push(`by ${attributes.user.name}`);
  return parts.join(' ');
}

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-attributes-'));
const signingKeyFile = join(folder, 'sa.key');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
writeFileSync(signingKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(
    {
      authorizationMode: ['RBAC'],
      enableAdmissionPlugins: ['OwnerReferencesPermissionEnforcement', 'NodeRestriction'],
      runtimeConfig: new Map([['api/beta', 'true']]),
      featureGates: new Map([['ClusterTrustBundle', 'true']]),
      serviceAccountSigningKeyFile: signingKeyFile,
    },
    {
      authorizer: recorder,
      authenticator: { authenticateRequest: async () => ({ user, audiences: [] }) },
    },
  );
  await made('/api/v1/nodes', { metadata: { name: 'n1' } });
  await made('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } }).catch(() => {});
  await made('/api/v1/namespaces/default/pods', pod('p'));
  await made('/api/v1/namespaces/default/configmaps', { metadata: { name: 'owner' } });
  await made(CRD, definition);
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  refuses = () => false;
  user = CALLER;
});

const pod = (name: string, more: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...more },
});
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const definition = {
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The authorizer attributes of a request, and its response. */
async function ask(request: string, sent: Sent = {}): Promise<{ lines: string[]; answer: TestAnswer }> {
  const [method = '', url = ''] = request.split(' ');
  asked = [];
  const answer = await call(server, method, url, sent);
  const path = url.split('?')[0]!;
  return { lines: asked.map((attributes) => line(attributes, path)), answer };
}

async function made(url: string, body: unknown): Promise<Record<string, unknown>> {
  const { answer } = await ask(`POST ${url}`, { body });
  if (answer.status !== 201) throw new Error(`${url}: ${answer.text}`);
  return answer.json!;
}

const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const PODS = '/api/v1/namespaces/default/pods';

describe('the authorization of a request', () => {
  test.each<[request: string, expected: string]>([
    // Verbs.
    [`GET ${PODS}/x`, 'get core/v1 pods default/x'],
    [`HEAD ${PODS}/x`, 'get core/v1 pods default/x'],
    [`GET ${PODS}`, 'list core/v1 pods default/-'],
    [`HEAD ${PODS}`, 'list core/v1 pods default/-'],
    ['GET /api/v1/pods', 'list core/v1 pods -/-'],
    [`GET ${PODS}?watch=true&timeoutSeconds=1`, 'watch core/v1 pods default/-'],
    [`GET ${PODS}?watch=0`, 'list core/v1 pods default/-'],
    [`GET ${PODS}/x?watch=true`, 'get core/v1 pods default/x'],
    [`POST ${PODS}`, 'create core/v1 pods default/-'],
    [`PUT ${PODS}/x`, 'update core/v1 pods default/x'],
    [`PATCH ${PODS}/x`, 'patch core/v1 pods default/x'],
    [`DELETE ${PODS}/x`, 'delete core/v1 pods default/x'],
    ['DELETE /api/v1/namespaces/nowhere/pods', 'deletecollection core/v1 pods nowhere/-'],
    ['GET /apis/apps/v1/namespaces/default/deployments/x', 'get apps/v1 deployments default/x'],
    ['GET /apis/example.com/v1/namespaces/default/things', 'list example.com/v1 things default/-'],
    [
      'GET /apis/example.com/v1/namespaces/default/things/x/status',
      'get example.com/v1 things/status default/x',
    ],
    // Unknown resources are authorized, too.
    ['GET /apis/nobody.example/v9/namespaces/default/nothings/x', 'get nobody.example/v9 nothings default/x'],
    [`OPTIONS ${PODS}/x`, ' core/v1 pods default/x'],
    // Selectors.
    [`GET ${PODS}?fieldSelector=metadata.name%3Dx`, 'list core/v1 pods default/x [metadata.name = x]'],
    [
      `GET ${PODS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dx`,
      'watch core/v1 pods default/x [metadata.name = x]',
    ],
    [`GET ${PODS}?fieldSelector=metadata.name!%3Dx`, 'list core/v1 pods default/- [metadata.name != x]'],
    [
      'GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn1,status.phase!%3DFailed&labelSelector=app+in+(a,b),!old',
      'list core/v1 pods -/- [spec.nodeName = n1] [status.phase != Failed] [app in a,b] [old ! ]',
    ],
    [
      'DELETE /api/v1/namespaces/nowhere/pods?labelSelector=app%3Da',
      'deletecollection core/v1 pods nowhere/- [app = a]',
    ],
    // A name in a deletecollection's selector is not used as the name.
    [
      'DELETE /api/v1/namespaces/nowhere/pods?fieldSelector=metadata.name%3Dx',
      'deletecollection core/v1 pods nowhere/- [metadata.name = x]',
    ],
    [`GET ${PODS}/x?labelSelector=app%3Da`, 'get core/v1 pods default/x'],
    [`GET ${PODS}?labelSelector=((`, 'list core/v1 pods default/-'],
    // Verbs in paths.
    ['GET /api/v1/watch/pods?timeoutSeconds=1', 'watch core/v1 pods -/-'],
    [
      'GET /api/v1/watch/namespaces/default/pods?timeoutSeconds=1&labelSelector=a',
      'watch core/v1 pods default/-',
    ],
    ['GET /api/v1/watch/namespaces/default/pods/x?timeoutSeconds=1', 'watch core/v1 pods default/x'],
    ['GET /api/v1/watch/namespaces/x?timeoutSeconds=1', 'watch core/v1 namespaces x/x'],
    [
      'GET /apis/apps/v1/watch/namespaces/default/deployments?timeoutSeconds=1',
      'watch apps/v1 deployments default/-',
    ],
    ['DELETE /api/v1/watch/pods', 'watch core/v1 pods -/-'],
    ['GET /api/v1/proxy/namespaces/default/pods/x/a/b', 'proxy core/v1 pods default/x'],
    ['GET /api/v1/proxy/nodes/n1/metrics', 'proxy core/v1 nodes -/n1'],
    // Namespaces.
    ['GET /api/v1/namespaces', 'list core/v1 namespaces -/-'],
    ['GET /api/v1/namespaces/x', 'get core/v1 namespaces x/x'],
    ['PUT /api/v1/namespaces/x', 'update core/v1 namespaces x/x'],
    ['DELETE /api/v1/namespaces/x', 'delete core/v1 namespaces x/x'],
    ['PUT /api/v1/namespaces/x/finalize', 'update core/v1 namespaces/finalize x/x'],
    ['PATCH /api/v1/namespaces/x/status', 'patch core/v1 namespaces/status x/x'],
    ['GET /api/v1/namespaces/x/other', 'list core/v1 other x/-'],
    // Subresources.
    [`GET ${PODS}/p/status`, 'get core/v1 pods/status default/p'],
    [`PUT ${PODS}/x/status`, 'update core/v1 pods/status default/x'],
    [`PATCH ${PODS}/x/ephemeralcontainers`, 'patch core/v1 pods/ephemeralcontainers default/x'],
    [`PATCH ${PODS}/x/resize`, 'patch core/v1 pods/resize default/x'],
    [`POST ${PODS}/x/binding`, 'create core/v1 pods/binding default/x'],
    ['POST /api/v1/namespaces/default/bindings', 'create core/v1 bindings default/-'],
    [`POST ${PODS}/x/eviction`, 'create core/v1 pods/eviction default/x'],
    [`GET ${PODS}/p/log?follow=true`, 'get core/v1 pods/log default/p'],
    [`POST ${PODS}/p/exec?command=ls`, 'create core/v1 pods/exec default/p'],
    [`POST ${PODS}/p/attach`, 'create core/v1 pods/attach default/p'],
    [`POST ${PODS}/p/portforward`, 'create core/v1 pods/portforward default/p'],
    [`GET ${PODS}/https:p:8443/proxy/a/b`, 'get core/v1 pods/proxy default/https:p:8443'],
    [`POST ${PODS}/p/proxy/a/b`, 'create core/v1 pods/proxy default/p'],
    ['DELETE /api/v1/namespaces/default/services/s/proxy/x', 'delete core/v1 services/proxy default/s'],
    ['GET /api/v1/nodes/n1/proxy/metrics', 'get core/v1 nodes/proxy -/n1'],
    ['PUT /api/v1/nodes/n1/status', 'update core/v1 nodes/status -/n1'],
    [
      'POST /api/v1/namespaces/default/serviceaccounts/x/token',
      'create core/v1 serviceaccounts/token default/x',
    ],
    ['GET /apis/apps/v1/namespaces/default/deployments/x/scale', 'get apps/v1 deployments/scale default/x'],
    [
      'PATCH /api/v1/namespaces/default/replicationcontrollers/x/scale',
      'patch core/v1 replicationcontrollers/scale default/x',
    ],
    [
      'PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval',
      'update certificates.k8s.io/v1 certificatesigningrequests/approval -/x',
    ],
    [
      'PUT /apis/resource.k8s.io/v1/namespaces/default/resourceclaims/x/status',
      'update resource.k8s.io/v1 resourceclaims/status default/x',
    ],
    // Router and authorizer decode percent-encoding alike.
    [`GET ${PODS}/a%2Fstatus`, 'get core/v1 pods/status default/a'],
    ['GET /api/v1/namespaces/%64efault/pods/p', 'get core/v1 pods default/p'],
    // Non-resource paths.
    ['GET /', 'get /'],
    ['GET /healthz', 'get /healthz'],
    ['HEAD /healthz', 'head /healthz'],
    ['POST /healthz', 'post /healthz'],
    ['GET /livez/ping', 'get /livez/ping'],
    ['GET /version', 'get /version'],
    ['GET /metrics', 'get /metrics'],
    ['GET /api', 'get /api'],
    ['GET /api/v1', 'get /api/v1'],
    ['GET /apis', 'get /apis'],
    ['GET /apis/apps', 'get /apis/apps'],
    ['GET /apis/apps/v1', 'get /apis/apps/v1'],
    ['GET /openapi/v3/apis/apps/v1', 'get /openapi/v3/apis/apps/v1'],
    ['GET /nowhere/at/all/a/b', 'get /nowhere/at/all/a/b'],
    ['GET //api/v1/pods', 'list core/v1 pods -/-'],
    ['DELETE /logs/x', 'delete /logs/x'],
  ])('%s', async (request, expected) => {
    const { lines } = await ask(request);
    expect(lines).toEqual([
      // The path of a resource request is decoded.
      request.includes('%2F') || request.includes('%64')
        ? `${expected} ${decodeURIComponent(request.split(' ')[1]!)}`
        : expected,
    ]);
  });
});

describe('further authorization checks', () => {
  test.each(['exec', 'attach', 'portforward'])(
    'GET pods/%s requires the right to create',
    async (subresource) => {
      const request = `GET ${PODS}/p/${subresource}?command=ls`;
      expect((await ask(request)).lines).toEqual([
        `get core/v1 pods/${subresource} default/p`,
        `create core/v1 pods/${subresource} default/p`,
      ]);
      refuses = ({ verb }) => verb === 'create';
      const { answer } = await ask(request);
      expect([answer.status, answer.json?.['message']]).toEqual([403, 'pods "p" is forbidden: ']);
    },
  );

  test('an update that creates', async () => {
    const url = '/apis/coordination.k8s.io/v1/namespaces/default/leases/by-update';
    const lease = { metadata: { name: 'by-update' }, spec: {} };
    const expected = [
      'update coordination.k8s.io/v1 leases default/by-update',
      'create coordination.k8s.io/v1 leases default/by-update',
    ];
    refuses = ({ verb }) => verb === 'create';
    const refused = await ask(`PUT ${url}`, { body: lease });
    expect(refused.lines).toEqual(expected);
    expect(refused.answer.json?.['message']).toBe(
      'leases.coordination.k8s.io "by-update" is forbidden: User "caller" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default"',
    );
    refuses = () => false;
    const created = await ask(`PUT ${url}`, { body: lease });
    expect([created.answer.status, created.lines]).toEqual([201, expected]);
    expect((await ask(`PUT ${url}`, { body: lease })).lines).toEqual(expected.slice(0, 1));
  });

  test.each([
    ['of a built-in kind', '/api/v1/namespaces/default/configmaps', 'core/v1 configmaps', 'v1', 'ConfigMap'],
    [
      'of a custom kind',
      '/apis/example.com/v1/namespaces/default/things',
      'example.com/v1 things',
      'example.com/v1',
      'Thing',
    ],
  ])('an apply that creates, %s', async (_name, collection, what, apiVersion, kind) => {
    const url = `${collection}/applied?fieldManager=m`;
    const sent = { body: { apiVersion, kind, metadata: { name: 'applied' } }, headers: APPLY };
    const expected = [`patch ${what} default/applied`, `create ${what} default/applied`];
    refuses = ({ verb }) => verb === 'create';
    const refused = await ask(`PATCH ${url}`, sent);
    expect([refused.answer.status, refused.lines]).toEqual([403, expected]);
    refuses = () => false;
    const created = await ask(`PATCH ${url}`, sent);
    expect([created.answer.status, created.lines]).toEqual([201, expected]);
    expect((await ask(`PATCH ${url}`, sent)).lines).toEqual(expected.slice(0, 1));
  });

  test('deletecollection requires no further rights for each object', async () => {
    await made('/api/v1/namespaces/default/configmaps', { metadata: { name: 'a', labels: { go: 'y' } } });
    const { lines, answer } = await ask('DELETE /api/v1/namespaces/default/configmaps?labelSelector=go');
    expect([answer.status, lines]).toEqual([
      200,
      ['deletecollection core/v1 configmaps default/- [go exists ]'],
    ]);
  });

  test('roles: escalate', async () => {
    const role = {
      metadata: { name: 'r' },
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
    };
    const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
    // The name of a created object is in the body, and not authorized.
    const created = await ask(`POST ${roles}`, { body: role });
    expect([created.answer.status, created.lines]).toEqual([
      201,
      [
        'create rbac.authorization.k8s.io/v1 roles default/-',
        'escalate rbac.authorization.k8s.io/* roles default/- no path',
      ],
    ]);
    const rules = [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }];
    expect((await ask(`PUT ${roles}/r`, { body: { ...role, rules } })).lines).toEqual([
      'update rbac.authorization.k8s.io/v1 roles default/r',
      'escalate rbac.authorization.k8s.io/* roles default/r no path',
    ]);
    const cluster = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    expect((await ask(`POST ${cluster}`, { body: role })).lines).toEqual([
      'create rbac.authorization.k8s.io/v1 clusterroles -/-',
      'escalate rbac.authorization.k8s.io/* clusterroles -/- no path',
    ]);
  });

  test('bindings: bind', async () => {
    const binding = (kind: string) => ({
      metadata: { name: `b-${kind.toLowerCase()}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: kind === 'Role' ? 'r' : 'view' },
      subjects: [],
    });
    const root = '/apis/rbac.authorization.k8s.io/v1';
    for (const [kind, resource, name] of [
      ['Role', 'roles', 'r'],
      ['ClusterRole', 'clusterroles', 'view'],
    ] as const) {
      const { lines } = await ask(`POST ${root}/namespaces/default/rolebindings`, { body: binding(kind) });
      expect(lines).toEqual([
        'create rbac.authorization.k8s.io/v1 rolebindings default/-',
        `bind rbac.authorization.k8s.io/* ${resource} default/${name} no path`,
      ]);
    }
    const { lines } = await ask(`POST ${root}/clusterrolebindings`, { body: binding('ClusterRole') });
    expect(lines).toEqual([
      'create rbac.authorization.k8s.io/v1 clusterrolebindings -/-',
      'bind rbac.authorization.k8s.io/* clusterroles -/view no path',
    ]);
  });

  test('certificates: approve, sign', async () => {
    const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const { request } = await certificateRequest({ name: 'CN=x' });
    const signerName = 'example.com/signer';
    const csr = { metadata: { name: 'csr' }, spec: { request, signerName, usages: ['client auth'] } };
    const stored = await made(csrs, csr);
    const condition = { type: 'Approved', status: 'True', reason: 'r', message: 'm' };
    const signers = (verb: string) => [
      `${verb} certificates.k8s.io/* signers -/example.com/signer no path`,
      `${verb} certificates.k8s.io/* signers -/example.com/* no path`,
    ];
    refuses = ({ name }) => name === signerName;
    const approved = { ...stored, status: { conditions: [condition] } };
    const { lines, answer } = await ask(`PUT ${csrs}/csr/approval`, { body: approved });
    expect([answer.status, lines]).toEqual([
      200,
      ['update certificates.k8s.io/v1 certificatesigningrequests/approval -/csr', ...signers('approve')],
    ]);
    refuses = ({ verb }) => verb === 'sign';
    const failed = { ...condition, type: 'Failed' };
    const signed = await ask(`PATCH ${csrs}/csr/status`, {
      body: { status: { conditions: [condition, failed] } },
      headers: MERGE,
    });
    expect(signed.lines).toEqual([
      'patch certificates.k8s.io/v1 certificatesigningrequests/status -/csr',
      ...signers('sign'),
    ]);
    expect([signed.answer.status, signed.answer.json?.['message']]).toEqual([
      403,
      'certificatesigningrequests.certificates.k8s.io "csr" is forbidden: user not permitted to sign requests with signerName "example.com/signer"',
    ]);
  });

  test('trust bundles: attest', async () => {
    const { pem } = await certificate({ name: 'CN=ca', extensions: ca() });
    const { lines } = await ask('POST /apis/certificates.k8s.io/v1beta1/clustertrustbundles', {
      body: {
        metadata: { name: 'example.com:signer:x' },
        spec: { signerName: 'example.com/signer', trustBundle: pem },
      },
    });
    expect(lines).toEqual([
      'create certificates.k8s.io/v1beta1 clustertrustbundles -/-',
      'attest certificates.k8s.io/* signers -/example.com/signer no path',
    ]);
  });

  test('owner references: delete, finalizers', async () => {
    const { uid } = (
      (await ask('GET /api/v1/namespaces/default/configmaps/owner')).answer.json as {
        metadata: { uid: string };
      }
    ).metadata;
    await made('/api/v1/namespaces/default/configmaps', { metadata: { name: 'owned' } });
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid };
    const patch = (ownerReferences: object[]) =>
      ask('PATCH /api/v1/namespaces/default/configmaps/owned', {
        body: { metadata: { ownerReferences } },
        headers: MERGE,
      });
    expect((await patch([owner])).lines).toEqual([
      'patch core/v1 configmaps default/owned',
      'delete core/v1 configmaps default/owned no path',
    ]);
    refuses = ({ apiGroup }) => apiGroup === '*';
    expect((await patch([{ ...owner, blockOwnerDeletion: true }])).lines).toEqual([
      'patch core/v1 configmaps default/owned',
      'delete core/v1 configmaps default/owned no path',
      'update */* */finalizers -/* no path',
      'update core/v1 configmaps/finalizers default/owner no path',
    ]);
  });

  test('policies: parameters are read as the user who names them', async () => {
    const root = '/apis/admissionregistration.k8s.io/v1';
    const policy = {
      metadata: { name: 'policy' },
      spec: {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConstraints: {
          resourceRules: [
            { apiGroups: ['nobody.example'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['x'] },
          ],
        },
        validations: [{ expression: 'true' }],
      },
    };
    const created = await ask(`POST ${root}/validatingadmissionpolicies`, { body: policy });
    expect([created.answer.status, created.lines]).toEqual([
      201,
      [
        'create admissionregistration.k8s.io/v1 validatingadmissionpolicies -/-',
        'get core/v1 configmaps */* no path',
      ],
    ]);
    const bind = async (name: string, paramRef: object) => {
      const spec = { policyName: 'policy', paramRef: { ...paramRef, parameterNotFoundAction: 'Deny' } };
      const body = { metadata: { name }, spec: { ...spec, validationActions: ['Deny'] } };
      return (await ask(`POST ${root}/validatingadmissionpolicybindings`, { body })).lines;
    };
    const first = 'create admissionregistration.k8s.io/v1 validatingadmissionpolicybindings -/-';
    expect(await bind('one', { name: 'x', namespace: 'shop' })).toEqual([
      first,
      'get core/v1 configmaps shop/x no path',
    ]);
    expect(await bind('all', { selector: { matchLabels: { a: 'b' } } })).toEqual([
      first,
      'list core/v1 configmaps -/- no path',
    ]);
  });

  test('claims: binding, and the status of devices', async () => {
    const claims = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
    await made(claims, {
      metadata: { name: 'claim' },
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
    });
    const device = { driver: 'd.example', pool: 'p', device: 'x' };
    const allocation = {
      devices: { results: [{ request: 'r', ...device }] },
      nodeSelector: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
      },
    };
    const patch = (status: object) =>
      ask(`PATCH ${claims}/claim/status`, { body: { status }, headers: MERGE });
    const first = 'patch resource.k8s.io/v1 resourceclaims/status default/claim';
    const bound = await patch({ allocation });
    expect([bound.answer.status, bound.lines]).toEqual([
      200,
      [first, 'patch resource.k8s.io/v1 resourceclaims/binding -/-'],
    ]);
    const devices = (type: string) => [
      {
        ...device,
        conditions: [
          { type, status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
        ],
      },
    ];
    expect((await patch({ devices: devices('A') })).lines).toEqual([
      first,
      'arbitrary-node:patch resource.k8s.io/v1 resourceclaims/driver default/d.example',
    ]);
    user = DRIVER;
    refuses = ({ verb }) => verb.startsWith('associated-node:');
    expect((await patch({ devices: devices('B') })).lines).toEqual([
      first,
      'associated-node:patch resource.k8s.io/v1 resourceclaims/driver default/d.example',
      'arbitrary-node:patch resource.k8s.io/v1 resourceclaims/driver default/d.example',
    ]);
  });

  test("tokens requested by a node: the audience, unless a pod's volume names it", async () => {
    const bound = await made(PODS, pod('bound', { nodeName: 'n1', serviceAccountName: 'default' }));
    const { uid } = bound['metadata'] as { uid: string };
    user = NODE;
    const { lines, answer } = await ask('POST /api/v1/namespaces/default/serviceaccounts/default/token', {
      body: {
        spec: {
          audiences: ['vault'],
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'bound', uid },
        },
      },
    });
    expect(answer.status).toBe(201);
    expect(lines).toEqual([
      'create core/v1 serviceaccounts/token default/default',
      'request-serviceaccounts-token-audience core/v1 vault default/default no path',
    ]);
  });
});

describe('reviews authorize the reviewed attributes', () => {
  const review = async (kind: string, spec: object) => {
    const { lines } = await ask(`POST /apis/authorization.k8s.io/v1/${kind}`, { body: { spec } });
    return lines.slice(1);
  };

  test('for others', async () => {
    const { lines } = await ask('POST /apis/authorization.k8s.io/v1/subjectaccessreviews', {
      body: {
        spec: {
          user: 'eve',
          uid: 'u2',
          groups: ['ops'],
          extra: { 'Scopes.example': ['a'] },
          resourceAttributes: {
            verb: 'get',
            resource: 'pods',
            subresource: 'log',
            namespace: 'x',
            name: 'y',
          },
        },
      },
    });
    expect(lines).toEqual([
      'create authorization.k8s.io/v1 subjectaccessreviews -/-',
      'get core/* pods/log x/y no path by eve',
    ]);
    expect(asked[1]!.user).toEqual({
      name: 'eve',
      uid: 'u2',
      groups: ['ops'],
      extra: { 'Scopes.example': ['a'] },
    });
  });

  test.each<[string, object, string]>([
    [
      'all of a group',
      { resourceAttributes: { verb: '*', group: '*', version: 'v2', resource: '*' } },
      '* */v2 * -/- no path',
    ],
    ['a non-resource path', { nonResourceAttributes: { verb: 'get', path: '/logs/*' } }, 'get /logs/*'],
    [
      'selectors',
      {
        resourceAttributes: {
          verb: 'list',
          resource: 'pods',
          fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n1'] }] },
          labelSelector: { rawSelector: 'a=b,c' },
        },
      },
      'list core/* pods -/- [spec.nodeName = n1] [a = b] [c exists ] no path',
    ],
  ])('for oneself: %s', async (_name, spec, expected) => {
    expect(await review('selfsubjectaccessreviews', spec)).toEqual([expected]);
    expect(asked[1]!.user).toEqual(CALLER);
  });

  test('within a namespace', async () => {
    const { lines } = await ask('POST /apis/authorization.k8s.io/v1/namespaces/x/localsubjectaccessreviews', {
      body: {
        metadata: { namespace: 'x' },
        spec: { user: 'eve', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'x' } },
      },
    });
    expect(lines).toEqual([
      'create authorization.k8s.io/v1 localsubjectaccessreviews x/-',
      'get core/* pods x/- no path by eve',
    ]);
  });
});

describe('impersonation', () => {
  let askers = 0;
  const as = async (headers: Record<string, string>, request = `GET ${PODS}/x`) => {
    // The mode tried first depends on the requestor's earlier impersonations.
    if (user !== DRIVER) user = { ...CALLER, name: `${CALLER.name}-${askers++}` };
    const { lines } = await ask(request, { headers });
    return lines;
  };
  const legacy = () => {
    refuses = ({ verb }) => verb.startsWith('impersonate-on:');
  };
  const AUTHENTICATION = 'authentication.k8s.io/v1';

  test('of a user with all attributes, constrained', async () => {
    const headers = {
      'impersonate-user': 'eve',
      'impersonate-uid': 'u2',
      'impersonate-group': 'ops',
      'impersonate-extra-scopes.example%2fa': 's',
    };
    expect(await as(headers)).toEqual([
      'impersonate-on:user-info:get core/v1 pods default/x',
      `impersonate:user-info ${AUTHENTICATION} users -/eve no path`,
      `impersonate:user-info ${AUTHENTICATION} uids -/u2 no path`,
      `impersonate:user-info ${AUTHENTICATION} groups -/ops no path`,
      `impersonate:user-info ${AUTHENTICATION} userextras/scopes.example/a -/s no path`,
      'get core/v1 pods default/x by eve',
    ]);
    legacy();
    expect(await as(headers)).toEqual([
      'impersonate-on:user-info:get core/v1 pods default/x',
      'impersonate core/v1 users -/eve no path',
      `impersonate ${AUTHENTICATION} uids -/u2 no path`,
      'impersonate core/v1 groups -/ops no path',
      `impersonate ${AUTHENTICATION} userextras/scopes.example/a -/s no path`,
      'get core/v1 pods default/x by eve',
    ]);
    expect(asked.at(-1)!.user).toEqual({
      name: 'eve',
      uid: 'u2',
      groups: ['ops', 'system:authenticated'],
      extra: { 'scopes.example/a': ['s'] },
    });
  });

  test('of a service account', async () => {
    const headers = { 'impersonate-user': 'system:serviceaccount:shop:robot' };
    expect(await as(headers)).toEqual([
      'impersonate-on:serviceaccount:get core/v1 pods default/x',
      `impersonate:serviceaccount ${AUTHENTICATION} serviceaccounts shop/robot no path`,
      'get core/v1 pods default/x by system:serviceaccount:shop:robot',
    ]);
    legacy();
    expect(await as(headers)).toEqual([
      'impersonate-on:serviceaccount:get core/v1 pods default/x',
      'impersonate core/v1 serviceaccounts shop/robot no path',
      'get core/v1 pods default/x by system:serviceaccount:shop:robot',
    ]);
    expect(asked.at(-1)!.user.groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:shop',
      'system:authenticated',
    ]);
  });

  test('of a node', async () => {
    const headers = { 'impersonate-user': 'system:node:n1' };
    expect(await as(headers)).toEqual([
      'impersonate-on:arbitrary-node:get core/v1 pods default/x',
      `impersonate:arbitrary-node ${AUTHENTICATION} nodes -/n1 no path`,
      'get core/v1 pods default/x by system:node:n1',
    ]);
    expect(asked.at(-1)!.user.groups).toEqual(['system:nodes', 'system:authenticated']);
    user = DRIVER;
    const [on, be] = await as(headers).then(() => asked);
    expect([on, be].map((attributes) => line({ ...attributes!, user }, `${PODS}/x`))).toEqual([
      'impersonate-on:associated-node:get core/v1 pods default/x',
      `impersonate:associated-node ${AUTHENTICATION} nodes -/* no path`,
    ]);
    const keys = {
      'authentication.kubernetes.io/associated-node-keys': ['authentication.kubernetes.io/node-name'],
    };
    expect([on!.user, be!.user]).toEqual([
      { ...DRIVER, extra: keys },
      { ...DRIVER, extra: keys },
    ]);
  });

  test('of the anonymous user', async () => {
    await as({ 'impersonate-user': 'system:anonymous' }, 'GET /version');
    expect(asked.at(-1)!.user.groups).toEqual(['system:unauthenticated']);
    expect(await as({ 'impersonate-user': 'eve' }, 'GET /version')).toEqual([
      'impersonate-on:user-info:get /version',
      `impersonate:user-info ${AUTHENTICATION} users -/eve no path`,
      'get /version by eve',
    ]);
  });
});
