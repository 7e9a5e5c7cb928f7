/** Objects from which no control plane can be created are rejected on write, with Kubernetes' messages by field. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalControlPlane as Plane, startControlPlane } from '../../../infra/local/control-plane.ts';
import { type HostAdmissionPlugins, pluginNames } from '../../../shared/admission/options.ts';
import { CONTROL_PLANES, type ControlPlane } from '../../../shared/fleet/control-plane.ts';
import { CONTROL_PLANE_ADMISSION } from '../../../shared/fleet/control-plane-admission.ts';
import { defineControlPlanes } from '../../../shared/fleet/define-control-planes.ts';
import { type Status, StatusError } from '../../../shared/meta/status-error.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { WireDynamoDBTable } from '../../../shared/storage/dynamodb/wire-dynamodb-table.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { testDynamoDBEndpoint } from '../../fixtures/storage.ts';

const IN = { namespace: 'default' };
let plane: Plane;
let table: WireDynamoDBTable;

beforeAll(async () => {
  const endpoint = await testDynamoDBEndpoint();
  table = new WireDynamoDBTable({ endpoint, tableName: `admission-${process.pid}` });
  await table.create();
  const folder = join(mkdtempSync(join(tmpdir(), 'zeroplane-')), 'pki');
  const start = (admissionPlugins: HostAdmissionPlugins) =>
    startControlPlane({
      ...{ tenant: 'fleet', folder, admissionPlugins },
      ...{ table: new TenantTable(table, 'fleet'), isAlone: true, serverOptions: {}, controllers: ['-*'] },
      prepare: defineControlPlanes,
      logger: newLogger(() => undefined),
    });
  // Accepted by an earlier release with fewer checks.
  const former = await start({});
  await former.resources.client.create(CONTROL_PLANES, newObject('stored', { arguments: ['--gone=1'] }), IN);
  await former.close();
  plane = await start(CONTROL_PLANE_ADMISSION);
});
afterAll(async () => {
  await plane.close();
  table.close();
});

const newObject = (name: string, spec: object) =>
  ({
    apiVersion: 'zeroplane.dev/v1alpha1',
    kind: 'ControlPlane',
    metadata: { name },
    spec,
  }) as unknown as ControlPlane;

/** Fields and messages of a rejected write. */
async function causesOf(
  write: Promise<unknown>,
): Promise<(readonly [string | undefined, string | undefined])[]> {
  try {
    await write;
    return [];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { code, reason, details } = error.status as Status;
    expect([code, reason]).toEqual([422, 'Invalid']);
    return (details?.causes ?? []).map(({ field, message }) => [field, message] as const);
  }
}

const ARN =
  'must be the ARN of an IAM role or user: arn:aws:iam::111122223333:role/NAME; for an assumed role, of the role itself';

const kind = (name: string) => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: name });
const podSecurity = (enforce: string, exemptions: object = {}) => ({
  name: 'PodSecurity',
  configuration: {
    apiVersion: 'pod-security.admission.config.k8s.io/v1',
    kind: 'PodSecurityConfiguration',
    defaults: { enforce },
    exemptions,
  },
});
const EVENT_LIMIT = {
  name: 'EventRateLimit',
  configuration: {
    apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
    kind: 'Configuration',
    limits: [{ type: 'Server', qps: 5, burst: 10 }],
  },
};
const EVENT_RATE = { arguments: ['--authorization-mode=RBAC', '--enable-admission-plugins=EventRateLimit'] };
const issuer = (url: string) => ({
  issuer: { url, audiences: ['me'] },
  claimMappings: { username: { claim: 'sub', prefix: '' } },
});
const webhook = (connection: object = {}) => ({
  type: 'Webhook',
  name: 'hook.example.com',
  webhook: {
    ...{ authorizedTTL: '1m', unauthorizedTTL: '1m', timeout: '3s', subjectAccessReviewVersion: 'v1' },
    failurePolicy: 'Deny',
    connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/authz.kubeconfig', ...connection },
  },
});
const UNKNOWN_PLUGIN = (name: string) =>
  `Unsupported value: "${name}": supported values: ${pluginNames()
    .map((one) => JSON.stringify(one))
    .join(', ')}`;

test.each<[object, readonly (readonly [string, string])[]]>([
  [{ arguments: ['--event-ttl=2h', '--service-account-extend-token-expiration=false'] }, []],
  [{ version: '1.30', arguments: ['--runtime-config=api/all=true'] }, []],
  [
    { arguments: ['--authorization-mode=RBAC', '--no-such=1'] },
    [['spec.arguments[1]', 'Invalid value: "--no-such=1": unknown flag: --no-such']],
  ],
  [
    { arguments: ['--etcd-servers=http://x', '--event-ttl=-1h', '--authorization-mode=AlwaysAllow'] },
    [
      ['spec.arguments[0]', 'Invalid value: "--etcd-servers=http://x": unknown flag: --etcd-servers'],
      [
        'spec.arguments[2]',
        'Invalid value: "--authorization-mode=AlwaysAllow": --authorization-mode=AlwaysAllow can\'t be chosen by a control plane of a fleet',
      ],
      ['spec.arguments[1]', 'Invalid value: "--event-ttl=-1h": --event-ttl must be positive'],
    ],
  ],
  [
    { arguments: ['--oidc-client-id=a', '--oidc-issuer-url=http://x'] },
    [
      [
        'spec.arguments[1]',
        'Invalid value: "--oidc-issuer-url=http://x": jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https',
      ],
    ],
  ],

  [
    { arguments: ['--authorization-mode=RBAC', '--enable-admission-plugins=EventRateLimit'] },
    [
      [
        'spec.arguments[1]',
        'Invalid value: "--enable-admission-plugins=EventRateLimit": couldn\'t init admission plugin "EventRateLimit": limits: Invalid value: []: must not be empty',
      ],
    ],
  ],
  [
    { arguments: ['--token-auth-file=/etc/passwd'] },
    [
      [
        'spec.arguments[0]',
        'Invalid value: "--token-auth-file=/etc/passwd": --token-auth-file can\'t be chosen by a control plane of a fleet',
      ],
    ],
  ],
  [
    { arguments: ['--enable-admission-plugins=NoSuch'] },
    [
      [
        'spec.arguments[0]',
        'Invalid value: "--enable-admission-plugins=NoSuch": enable-admission-plugins plugin "NoSuch" is unknown',
      ],
    ],
  ],
  [
    { admins: [{ user: 'ada ' }] },
    [
      [
        'spec.admins[0].user',
        'Invalid value: "ada ": must not begin or end with whitespace or contain control characters',
      ],
    ],
  ],
  [
    { admins: [{ group: 'a\u0007b' }] },
    [
      [
        'spec.admins[0].group',
        'Invalid value: "a\\ab": must not begin or end with whitespace or contain control characters',
      ],
    ],
  ],
  [
    { admins: [{ group: 'system:unauthenticated' }] },
    [['spec.admins[0].group', 'Invalid value: "system:unauthenticated": would make every caller an admin']],
  ],
  [
    { admins: [{ iam: 'arn:aws:sts::111122223333:assumed-role/Ada/session' }] },
    [['spec.admins[0].iam', `Invalid value: "arn:aws:sts::111122223333:assumed-role/Ada/session": ${ARN}`]],
  ],
  [
    { arguments: ['--event-ttl=2h', '--feature-gates=Foo=true', '--runtime-config=foo/v1=true'] },
    [
      ['spec.arguments[1]', 'Invalid value: "--feature-gates=Foo=true": unrecognized feature gate: Foo'],
      ['spec.arguments[2]', 'Invalid value: "--runtime-config=foo/v1=true": unknown api groups foo/v1'],
    ],
  ],
  // Stands for AlwaysAllow.
  [
    { arguments: ['--authorization-mode='] },
    [
      [
        'spec.arguments[0]',
        'Invalid value: "--authorization-mode=": --authorization-mode=AlwaysAllow can\'t be chosen by a control plane of a fleet',
      ],
    ],
  ],
  [
    { files: { secret: 'X Y' } },
    [['spec.files.secret', 'Invalid value: "X Y": must be the name of a Secret']],
  ],
  [{ ...EVENT_RATE, admission: { plugins: [EVENT_LIMIT, podSecurity('restricted')] } }, []],
  // A whole file may be pasted.
  [{ admission: { ...kind('AdmissionConfiguration'), plugins: [podSecurity('baseline')] } }, []],
  [
    { ...EVENT_RATE, admission: { plugins: [podSecurity('strict'), EVENT_LIMIT] } },
    [
      [
        'spec.admission.plugins[0].configuration',
        `Invalid value: couldn't init admission plugin "PodSecurity": defaults.enforce: Invalid value: "strict": must be one of privileged, baseline, restricted`,
      ],
    ],
  ],
  [
    { admission: { plugins: [{ name: 'PodSecurty' }, { configuration: {} }, { name: 'X', path: '/x' }] } },
    [
      ['spec.admission.plugins[0].name', UNKNOWN_PLUGIN('PodSecurty')],
      ['spec.admission.plugins[2].name', UNKNOWN_PLUGIN('X')],
      [
        'spec.admission.plugins[2].path',
        'Forbidden: must be given as configuration by a control plane of a fleet',
      ],
    ],
  ],
  [
    { admission: { plugins: [{ configuration: {} }] } },
    [['spec.admission.plugins[0].name', 'Required value']],
  ],
  [
    { admission: { plugin: [] }, audit: { rules: [] } },
    [
      ['spec.admission', 'Invalid value: strict decoding error: unknown field "plugin"'],
      ['spec.audit', 'Invalid value: loaded illegal policy with 0 rules'],
    ],
  ],
  [
    { audit: { rules: [{ level: 'Metadata' }, { level: 'All', nonResourceURLs: ['x'] }] } },
    [
      [
        'spec.audit.rules[1].level',
        'Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
      ],
      [
        'spec.audit.rules[1].nonResourceURLs[0]',
        'Invalid value: "x": non-resource URL rules must begin with a \'/\' character',
      ],
    ],
  ],
  [{ authentication: { jwt: [issuer('https://a.example.com'), issuer('https://b.example.com')] } }, []],
  [{ authentication: { jwt: [], anonymous: { enabled: true, conditions: [{ path: '/livez' }] } } }, []],
  [
    { authentication: { jwt: [issuer('https://a.example.com'), issuer('http://a.example.com')] } },
    [
      [
        'spec.authentication.jwt[1].issuer.url',
        'Invalid value: "http://a.example.com": URL scheme must be https',
      ],
    ],
  ],
  [
    {
      arguments: ['--oidc-issuer-url=https://a.example.com', '--oidc-client-id=x'],
      authentication: { jwt: [issuer('https://a.example.com')] },
    },
    [
      [
        'spec.arguments[0]',
        'Invalid value: "--oidc-issuer-url=https://a.example.com": authentication-config file and oidc-* flags are mutually exclusive',
      ],
    ],
  ],
  // Replaces the default argument.
  [{ authorization: { authorizers: [{ type: 'RBAC', name: 'rbac' }] } }, []],
  [
    {
      arguments: ['--authorization-mode=RBAC', '--event-ttl=2h'],
      authorization: { authorizers: [{ type: 'RBAC', name: 'rbac' }] },
    },
    [
      [
        'spec.arguments[0]',
        'Invalid value: "--authorization-mode=RBAC": --authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
      ],
    ],
  ],
  [
    {
      authorization: {
        authorizers: [
          { type: 'AlwaysAllow', name: 'alwaysallow' },
          { type: 'ABAC', name: 'abac' },
        ],
      },
    },
    ['AlwaysAllow', 'ABAC'].map((type, index) => [
      `spec.authorization.authorizers[${index}].type`,
      `Unsupported value: "${type}": supported values: "AlwaysDeny", "Node", "RBAC", "Webhook"`,
    ]),
  ],
  [
    { authorization: { authorizers: [webhook({ kubeConfigFile: 'relative' })] } },
    [
      [
        'spec.authorization.authorizers[0].connectionInfo.kubeConfigFile',
        'Invalid value: "relative": must be an absolute path',
      ],
    ],
  ],
  [
    { authorization: { authorizers: [webhook()] } },
    [
      [
        'spec.authorization',
        'Invalid value: /authz.kubeconfig: there is no file authz.kubeconfig: the files of a control plane are in the Secret of spec.files',
      ],
    ],
  ],
  // The Secret may be created later.
  [
    {
      arguments: ['--audit-webhook-config-file=audit.kubeconfig', '--authorization-mode=RBAC'],
      files: { secret: 'later' },
    },
    [],
  ],
  [{ files: { secret: 'later' }, authorization: { authorizers: [webhook()] } }, []],
  [
    { arguments: ['--audit-webhook-config-file=audit.kubeconfig'] },
    [
      [
        'spec.arguments',
        'Invalid value: "--audit-webhook-config-file": /audit.kubeconfig: there is no file audit.kubeconfig: the files of a control plane are in the Secret of spec.files',
      ],
    ],
  ],
  [
    { admission: { plugins: [podSecurity('baseline', { usernames: ['x'.repeat(70_000)] })] } },
    [
      [
        'spec',
        'Invalid value: admission, audit, authentication and authorization have 70223 bytes, of at most 65536',
      ],
    ],
  ],
])('%j', async (spec, causes) => {
  expect(await causesOf(plane.resources.client.create(CONTROL_PLANES, newObject('asked', spec), IN))).toEqual(
    causes,
  );
  if (causes.length === 0) await plane.resources.client.delete(CONTROL_PLANES, { ...IN, name: 'asked' });
});

test('key numbers increase by one, and never decrease', async () => {
  const { client } = plane.resources;
  await client.create(CONTROL_PLANES, newObject('numbered', {}), IN);
  const change = (spec: object) =>
    causesOf(client.patch(CONTROL_PLANES, { spec }, { ...IN, name: 'numbered' }));
  const raised = 'Invalid value: can be increased only by one at a time';
  const gone = 'Invalid value: cannot be decreased: a superseded authority does not return';
  expect(await change({ signingKey: 3 })).toEqual([['spec.signingKey', raised]]);
  expect(await change({ signingKey: 2, signingAuthority: 2 })).toEqual([]);
  expect(await change({ signingKey: null })).toEqual([
    ['spec.signingKey', 'Invalid value: cannot be decreased: a superseded key no longer signs'],
  ]);
  expect(await change({ oldestAuthority: 2 })).toEqual([]);
  expect(await change({ signingAuthority: null, oldestAuthority: null })).toEqual([
    ['spec.signingAuthority', gone],
    ['spec.oldestAuthority', gone],
  ]);
});

test('arguments accepted earlier cause no error until they are changed', async () => {
  const { client } = plane.resources;
  const stored = { ...IN, name: 'stored' };
  const change = (changed: object) => causesOf(client.patch(CONTROL_PLANES, { spec: changed }, stored));
  expect(await change({ suspended: true })).toEqual([]);
  expect(await change({ arguments: ['--gone=2'] })).toHaveLength(1);
});
