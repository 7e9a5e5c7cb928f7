/**
 * A tenant deployed as by a platform team, on this machine: IAM identities log in with the kubeconfig made by the
 * template, service accounts with tokens whose key is in Parameter Store, and each has its permissions on every
 * function.
 */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificateAuthority } from '../../shared/controllers/certificates/sign-certificate.ts';
import { certificateRequest } from '../fixtures/certificate-request.ts';
import { type DeployedTenant, deployTenant } from '../fixtures/gateway.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';
import { runCommand } from '../fixtures/run-command.ts';
import { type FakeSTS, type KnownKey, startFakeSTS } from '../fixtures/sts.ts';

const ACCOUNT = '111122223333';
const key = (name: string, arn: string): KnownKey => ({
  accessKeyId: `AKIAEXAMPLE${name.toUpperCase().padEnd(9, '0')}`,
  secretAccessKey: `secret of ${name}`,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${arn}`,
});
const KEYS = {
  admin: key('admin', 'Platform/ada'),
  reader: key('reader', 'Readers/rita'),
  keeper: key('keeper', 'Keepers/kim'),
  stranger: key('stranger', 'AbsentTenants/sam'),
};
const TENANT = `deployed-${process.pid}`;
const IAM = JSON.stringify({
  apiVersion: 'apiserver.config.zeroplane/v1alpha1',
  kind: 'AWSIAMAuthenticationConfiguration',
  clusterID: `zeroplane-${TENANT}.us-east-1.000000000000`,
  mapRoles: [
    { roleARN: `arn:aws:iam::${ACCOUNT}:role/Readers`, username: 'iam:{{SessionName}}', groups: ['readers'] },
    { roleARN: `arn:aws:iam::${ACCOUNT}:role/Keepers`, username: 'iam:{{SessionName}}', groups: [] },
  ],
});
const WIDGETS = JSON.stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
});

let sts: FakeSTS;
let tenant: DeployedTenant;
let iamKubeconfig: string;
const zeroplane = resolve(import.meta.dirname, '../../infra/local/zeroplane.mjs');
const environmentOf = ({ accessKeyId, secretAccessKey }: KnownKey) => ({
  ...process.env,
  HOME: tenant.folder,
  KUBECONFIG: iamKubeconfig,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_ENDPOINT_URL_SSM: tenant.parameterStore.endpoint,
});
const kubectlAs = (who: KnownKey, ...args: string[]) =>
  runCommand(kubectlPath(), args, { env: environmentOf(who), input: '' });

beforeAll(async () => {
  sts = await startFakeSTS(Object.values(KEYS));
  tenant = await deployTenant({
    tenant: TENANT,
    parameters: {
      AdminArns: `arn:aws:iam::${ACCOUNT}:role/team/Platform`,
      ServerArguments: [
        '--authorization-mode=RBAC',
        `--authentication-aws-iam-config=/zeroplane/${TENANT}/files/aws-iam.yaml`,
        `--authentication-aws-iam-sts-endpoint=${sts.endpoint}`,
      ].join(' '),
    },
    files: { 'aws-iam.yaml': IAM },
  });
  iamKubeconfig = join(tenant.folder, 'iam.kubeconfig');
  const written = await runCommand(
    process.execPath,
    [
      zeroplane,
      'kubeconfig',
      '--tenant',
      TENANT,
      '--region',
      'us-east-1',
      '--write-kubeconfig',
      iamKubeconfig,
    ],
    { env: environmentOf(KEYS.admin), input: '' },
  );
  expect([written.stderr, written.stdout]).toEqual(['', `export KUBECONFIG=${iamKubeconfig}\n`]);
  // The local gateway has neither its AWS name nor a certificate issued by Amazon.
  const cluster = ['config', 'set-cluster', `zeroplane-${TENANT}`, `--server=${tenant.gateway.url}`];
  const authority = [`--certificate-authority=${tenant.folder}/pki/ca.crt`, '--embed-certs'];
  await kubectlAs(KEYS.admin, ...cluster, ...authority);
}, 240_000);
afterAll(async () => {
  await tenant?.close();
  sts?.close();
});

describe('IAM identities', () => {
  test("the kubeconfig equals the template's output", () => {
    expect(tenant.parameterStore.parameters.get(`/zeroplane/${TENANT}/kubeconfig`)).toContain(
      'server: https://Api.execute-api.us-east-1.amazonaws.com/v1\n',
    );
    expect(readFileSync(iamKubeconfig, 'utf8')).toContain(`- ${JSON.parse(IAM).clusterID}
`);
  });

  test.each([
    ['admin', `arn:aws:sts::${ACCOUNT}:assumed-role/Platform/ada`, '[system:masters system:authenticated]'],
    ['reader', 'iam:rita', '[readers system:authenticated]'],
    ['keeper', 'iam:kim', '[system:authenticated]'],
  ] as const)('%s logs in with kubectl', async (who, name, groups) => {
    const { stdout, stderr } = await kubectlAs(KEYS[who], 'auth', 'whoami');
    expect([stderr, stdout]).toEqual(['', expect.stringMatching(new RegExp(`Username\\s+${name}`))]);
    expect(stdout).toContain(groups);
  });

  test('other identities are rejected', async () => {
    const { code, stderr } = await kubectlAs(KEYS.stranger, 'get', 'namespaces');
    expect([code, stderr]).toEqual([1, expect.stringContaining('You must be logged in to the server')]);
    const forged = { ...KEYS.admin, secretAccessKey: 'guessed' };
    expect((await kubectlAs(forged, 'get', 'namespaces')).stderr).toContain('You must be logged in');
    expect(sts.answers.at(-1)).toBe(403);
  });
});

/** The admin creates the objects that the roles refer to. */
async function prepare(): Promise<void> {
  const admin = async (args: string[], input = '') => {
    const env = environmentOf(KEYS.admin);
    const { code, stderr, stdout } = await runCommand(kubectlPath(), args, { env, input });
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  await admin(['apply', '-f', '-'], WIDGETS);
  await admin(['wait', '--for=condition=Established', 'crd/widgets.example.com']);
  await admin(['create', 'namespace', 'shop']);
  await admin(['create', 'clusterrolebinding', 'readers', '--clusterrole=view', '--group=readers']);
  await admin(['-n', 'shop', 'create', 'rolebinding', 'kim', '--clusterrole=admin', '--user=iam:kim']);
  await admin(['-n', 'shop', 'create', 'serviceaccount', 'robot']);
  const rules = (name: string, verbs: string, ...more: string[]) =>
    admin(['create', 'clusterrole', name, `--verb=${verbs}`, '--resource=widgets.example.com', ...more]);
  await rules('widgets-view', 'get,list,watch');
  await admin(['label', 'clusterrole', 'widgets-view', 'rbac.authorization.k8s.io/aggregate-to-view=true']);
  await rules('widgets-edit', 'create,update,patch,delete');
  await admin(['label', 'clusterrole', 'widgets-edit', 'rbac.authorization.k8s.io/aggregate-to-admin=true']);
  await admin(['-n', 'shop', 'create', 'role', 'robot', '--verb=get,list', '--resource=configmaps']);
  await admin([
    ...['-n', 'shop', 'create', 'rolebinding', 'robot', '--role=robot'],
    '--serviceaccount=shop:robot',
  ]);
  await tenant.stream.idle();
}

/** Method, path, body, and the status codes for reader, keeper and robot. */
const object = (apiVersion: string, kind: string, name: string) => ({ apiVersion, kind, metadata: { name } });
const CASES: [string, string, object | undefined, [number, number, number]][] = [
  // kube-apiserver
  ['GET', '/api/v1/namespaces/shop/configmaps', undefined, [200, 200, 200]],
  ['GET', '/api/v1/namespaces/default/configmaps', undefined, [200, 403, 403]],
  ['GET', '/api/v1/namespaces/shop/secrets', undefined, [403, 200, 403]],
  ['POST', '/api/v1/namespaces/shop/configmaps', object('v1', 'ConfigMap', 'made'), [403, 201, 403]],
  ['DELETE', '/api/v1/namespaces/shop/configmaps/made', undefined, [403, 200, 403]],
  ['GET', '/api/v1/nodes', undefined, [403, 403, 403]],
  [
    'POST',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    {
      ...object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'me'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    },
    [403, 403, 403],
  ],
  // apiextensions
  ['GET', '/apis/example.com/v1/namespaces/shop/widgets', undefined, [200, 200, 403]],
  [
    'POST',
    '/apis/example.com/v1/namespaces/shop/widgets',
    object('example.com/v1', 'Widget', 'w'),
    [403, 201, 403],
  ],
  [
    'POST',
    '/apis/example.com/v1/namespaces/default/widgets',
    object('example.com/v1', 'Widget', 'w'),
    [403, 403, 403],
  ],
  [
    'DELETE',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com',
    undefined,
    [403, 403, 403],
  ],
  // aggregator
  ['GET', '/apis', undefined, [200, 200, 200]],
  ['GET', '/openapi/v3', undefined, [200, 200, 200]],
  ['GET', '/apis/apiregistration.k8s.io/v1/apiservices', undefined, [403, 403, 403]],
  ['DELETE', '/apis/apiregistration.k8s.io/v1/apiservices/v1.apps', undefined, [403, 403, 403]],
  ['GET', '/metrics', undefined, [403, 403, 403]],
  ['GET', '/.well-known/openid-configuration', undefined, [403, 403, 200]],
];

describe('on every function', () => {
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    await prepare();
    for (const who of ['reader', 'keeper'] as const) {
      const args = [zeroplane, 'token', '--cluster-id', JSON.parse(IAM).clusterID, '--region', 'us-east-1'];
      const { stdout } = await runCommand(process.execPath, args, {
        env: environmentOf(KEYS[who]),
        input: '',
      });
      tokens[who] = JSON.parse(stdout).status.token;
    }
    tokens['robot'] = (await tenant.run(['-n', 'shop', 'create', 'token', 'robot'])).trim();
  }, 120_000);

  test.each(CASES)('%s %s', async (method, path, body, expected) => {
    const statuses: number[] = [];
    for (const who of ['reader', 'keeper', 'robot']) {
      statuses.push((await tenant.request(tokens[who]!, method, path, body)).status);
    }
    expect(statuses).toEqual(expected);
  });

  test('a tampered token, or one of a deleted account, is rejected', async () => {
    const [header, payload, signature] = tokens['robot']!.split('.');
    const path = '/api/v1/namespaces/shop/configmaps';
    const forged = JSON.stringify({
      ...decodeJwt(tokens['robot']!),
      sub: 'system:serviceaccount:kube-system:x',
    });
    const other = `${header}.${Buffer.from(forged).toString('base64url')}.${signature}`;
    expect((await tenant.request(other, 'GET', path)).status).toBe(401);
    expect(payload).toBeDefined();
    const token = (await tenant.run(['-n', 'shop', 'create', 'token', 'default'])).trim();
    await tenant.run(['-n', 'shop', 'delete', 'serviceaccount', 'default']);
    await tenant.stream.idle();
    expect((await tenant.request(token, 'GET', path)).status).toBe(401);
  });

  test('relying parties verify tokens with the published keys of the issuer', async () => {
    const issuer = 'https://local.execute-api.us-east-1.amazonaws.com/v1';
    const read = async (url: string) => {
      const { status, text } = await tenant.request(tokens['robot']!, 'GET', new URL(url).pathname.slice(3));
      return new Response(text, { status });
    };
    const configuration = await (await read(`${issuer}/.well-known/openid-configuration`)).json();
    expect(configuration).toEqual({
      issuer,
      jwks_uri: `${issuer}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
    const keys = createRemoteJWKSet(new URL(`${issuer}/openid/v1/jwks`), { [customFetch]: read });
    const args = ['-n', 'shop', 'create', 'token', 'robot', '--audience=vault'];
    const { payload } = await jwtVerify((await tenant.run(args)).trim(), keys, { issuer, audience: 'vault' });
    expect(payload.sub).toBe('system:serviceaccount:shop:robot');
  });

  test('keys and files in Parameter Store are not exposed by the API or in responses', async () => {
    const secrets = [...tenant.parameterStore.parameters].filter(([name]) => name.includes('/keys/'));
    expect(secrets.map(([name]) => name)).toEqual([`/zeroplane/${TENANT}/keys/service-account/0001`]);
    const dump = await tenant.run(['get', 'secrets,configmaps', '-A', '-o', 'json']);
    for (const [, pem] of secrets) expect(dump).not.toContain(pem.split('\n')[1]);
  });
});

test('the controllers sign certificates with a generated authority', async () => {
  const { request } = await certificateRequest({ name: 'CN=carol, O=dev' });
  const csr = {
    ...object('certificates.k8s.io/v1', 'CertificateSigningRequest', 'carol'),
    spec: {
      request,
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
    },
  };
  await tenant.run(['create', '-f', '-'], JSON.stringify(csr));
  await tenant.run(['certificate', 'approve', 'carol']);
  await tenant.stream.idle();
  const base64 = await tenant.run(['get', 'csr', 'carol', '-o', 'jsonpath={.status.certificate}']);
  const parameter = tenant.parameterStore.parameters.get(`/zeroplane/${TENANT}/keys/authorities/kubernetes`)!;
  const { certificate } = certificateAuthority(parameter, parameter);
  const { X509Certificate } = await import('node:crypto');
  const signed = new X509Certificate(Buffer.from(base64, 'base64'));
  expect([signed.subject, signed.verify(certificate.x509.publicKey)]).toEqual(['CN=carol\nO=dev', true]);
}, 120_000);

test('a Secret gets a long-lived token', async () => {
  const secret = {
    ...object('v1', 'Secret', 'lasting'),
    type: 'kubernetes.io/service-account-token',
  };
  Object.assign(secret.metadata, { annotations: { 'kubernetes.io/service-account.name': 'robot' } });
  await tenant.run(['-n', 'shop', 'create', '-f', '-'], JSON.stringify(secret));
  await tenant.stream.idle();
  const data = JSON.parse(await tenant.run(['-n', 'shop', 'get', 'secret', 'lasting', '-o', 'json'])).data;
  const token = Buffer.from(data.token, 'base64').toString();
  const answer = await tenant.request(token, 'GET', '/api/v1/namespaces/shop/configmaps');
  expect(answer.status).toBe(200);
  expect(
    Buffer.from(data['ca.crt'], 'base64')
      .toString()
      .match(/BEGIN CERTIFICATE/g),
  ).toHaveLength(5);
}, 120_000);
