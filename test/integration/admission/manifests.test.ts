/** Policies and webhooks in files: `staticManifestsDir`. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { flagsOfArguments, parseOptions } from '../../../shared/server/options/parse-options.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const GROUP = 'admissionregistration.k8s.io';
const SECRETS = '/api/v1/namespaces/default/secrets';
const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
const POLICIES = join(folder, 'policies');
const WEBHOOKS = join(folder, 'webhooks');

const yaml = (...documents: object[]) =>
  documents.map((document) => JSON.stringify(document)).join('\n---\n');
const policy = (name: string, expression: string, more: object = {}, resources = ['secrets']) => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources }],
    },
    validations: [{ expression, message: `${name} says no` }],
    ...more,
  },
});
const binding = (policyName: string, more: object = {}) => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: `bind-${policyName}` },
  spec: { policyName, validationActions: ['Deny'], ...more },
});
const webhook = (name: string, clientConfig: object) => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: 'hook.example.com',
      clientConfig,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    },
  ],
});

/** Starts a server with the contents of the two folders, if they are configured. */
function start(configurations: Readonly<Record<string, unknown>>, ...args: string[]): Promise<TestServer> {
  const file = join(folder, 'admission.yaml');
  const plugins = Object.entries(configurations).map(([name, configuration]) => ({ name, configuration }));
  const document = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins };
  writeFileSync(file, JSON.stringify(document));
  const flags = flagsOfArguments([`--admission-control-config-file=${file}`, ...args]);
  return startTestServer(parseOptions(flags));
}
const ofPolicies = (staticManifestsDir: string) => ({
  ValidatingAdmissionPolicy: {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyConfiguration',
    staticManifestsDir,
  },
});
const ofWebhooks = (staticManifestsDir: string) => ({
  ValidatingAdmissionWebhook: {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'WebhookAdmissionConfiguration',
    staticManifestsDir,
  },
});

/** Writes a single file to an empty folder. */
function write(path: string, text: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  writeFileSync(join(path, 'a.yaml'), text);
}

let server: TestServer;
beforeAll(async () => {
  write(
    POLICIES,
    yaml(policy('no.static.k8s.io', 'object.metadata.name != "no"'), binding('no.static.k8s.io')),
  );
  write(WEBHOOKS, yaml(webhook('hooks.static.k8s.io', { url: 'https://127.0.0.1:1/never' })));
  writeFileSync(join(WEBHOOKS, 'notes.txt'), 'no manifest');
  server = await start({ ...ofPolicies(POLICIES), ...ofWebhooks(WEBHOOKS) });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const create = async (path: string, name: string) =>
  (await call(server, 'POST', `${path}?dryRun=All`, { body: { metadata: { name } } })).json as {
    message?: string;
    code?: number;
  };

test('policies in files are enforced, and not visible in the API', async () => {
  expect((await create(SECRETS, 'no')).message).toBe(
    "secrets \"no\" is forbidden: ValidatingAdmissionPolicy 'no.static.k8s.io' with binding 'bind-no.static.k8s.io' denied request: no.static.k8s.io says no",
  );
  expect((await create(SECRETS, 'yes')).code).toBeUndefined();
  const { json } = await call(server, 'GET', `/apis/${GROUP}/v1/validatingadmissionpolicies`);
  expect(json).toMatchObject({ items: [] });
});

test('webhooks in files are called', async () => {
  expect((await create('/api/v1/namespaces/default/configmaps', 'one')).message).toMatch(
    /^Internal error occurred: failed calling webhook "hook\.example\.com": failed to call webhook: Post "https:\/\/127\.0\.0\.1:1\/never\?timeout=10s"/,
  );
});

test('objects in the API may not use their names', async () => {
  const { json } = await call(server, 'POST', `/apis/${GROUP}/v1/validatingadmissionpolicies`, {
    body: policy('mine.static.k8s.io', 'true'),
  });
  expect(json!['message']).toBe(
    'ValidatingAdmissionPolicy.admissionregistration.k8s.io "mine.static.k8s.io" is invalid: metadata.name: Invalid value: "mine.static.k8s.io": names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API',
  );
});

test("files are reloaded, the API's webhooks come after them, and invalid files change nothing", async () => {
  const changed = policy('later.static.k8s.io', 'object.metadata.name != "later"', {}, [
    'secrets',
    'validatingadmissionpolicies',
  ]);
  write(POLICIES, yaml(changed, binding('later.static.k8s.io')));
  await vi.waitFor(async () => expect((await create(SECRETS, 'later')).code).toBe(422), 10_000);
  expect((await create(SECRETS, 'no')).code).toBeUndefined();
  const { status } = await call(server, 'POST', `/apis/${GROUP}/v1/validatingadmissionpolicies`, {
    body: policy('later', 'true'),
  });
  expect(status).toBe(422);
  write(POLICIES, yaml(policy('wrong', 'true')));
  await vi.waitFor(async () => {
    await create(SECRETS, 'any');
    expect(server.errors.join()).toContain('must have a name ending with');
  }, 10_000);
  expect((await create(SECRETS, 'later')).code).toBe(422);
});

describe('errors that keep a server from starting', () => {
  const BAD = join(folder, 'bad');
  const file = join(BAD, 'a.yaml');
  const one = 'one.static.k8s.io';
  test.each<[string, string, string]>([
    [
      'a name',
      yaml(policy('one', 'true')),
      `"one" in file "${file}" must have a name ending with ".static.k8s.io"`,
    ],
    [
      'a duplicate name',
      yaml(policy(one, 'true'), policy(one, 'true')),
      `duplicate name "${one}" found in file "${file}" (previously seen in "${file}")`,
    ],
    [
      'parameters',
      yaml(policy(one, 'true', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } })),
      `ValidatingAdmissionPolicy "${one}": spec.paramKind is not supported for static manifests`,
    ],
    [
      'a missing policy',
      yaml(binding(one)),
      `binding "bind-${one}" references policy "${one}" which does not exist in the manifest directory`,
    ],
    [
      'a policy of the API',
      yaml({ ...binding('one'), metadata: { name: 'bind.static.k8s.io' } }),
      'binding "bind.static.k8s.io": spec.policyName "one" must end with ".static.k8s.io"',
    ],
    ['a field', yaml({ ...policy(one, 'true'), sepc: {} }), 'strict decoding error: unknown field "sepc"'],
    [
      'an expression',
      yaml(policy(one, '1 +')),
      `ValidatingAdmissionPolicy "${one}": spec.validations[0].expression: Invalid value`,
    ],
    [
      'another kind',
      yaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: one } }),
      'unsupported resource type *v1.ConfigMap',
    ],
  ])('%s', async (_what, text, message) => {
    write(BAD, text);
    const failed = start(ofPolicies(BAD)).then(
      (started) => started.close().then(() => 'it started'),
      (error: Error) => error.message,
    );
    expect(await failed).toContain(message);
  });

  test.each<[string, object, string[], string]>([
    [
      'a service',
      ofWebhooks(BAD),
      [],
      'clientConfig.service is not supported for static manifests; use clientConfig.url instead',
    ],
    [
      'a relative path',
      ofPolicies('here'),
      [],
      'staticManifestsDir: Invalid value: "here": must be an absolute file path',
    ],
    [
      'no folder',
      ofPolicies('/no/such/folder'),
      [],
      'staticManifestsDir: Invalid value: "/no/such/folder": unable to read: stat /no/such/folder: no such file or directory',
    ],
    [
      'the gate',
      ofPolicies(POLICIES),
      ['--feature-gates=ManifestBasedAdmissionControlConfig=false'],
      'staticManifestsDir: Forbidden: staticManifestsDir requires the ManifestBasedAdmissionControlConfig feature gate to be enabled',
    ],
  ])('%s', async (_what, configurations, args, message) => {
    write(BAD, yaml(webhook('one.static.k8s.io', { service: { namespace: 'a', name: 'b' } })));
    const failed = start(configurations as Record<string, unknown>, ...args).then(
      (started) => started.close().then(() => 'it started'),
      (error: Error) => error.message,
    );
    expect(await failed).toContain(message);
  });
});

test('reloads are counted, and the current configuration is reported by its hash', async () => {
  const { text } = await call(server, 'GET', '/metrics');
  const told = text
    .split('\n')
    .filter((line) => line.startsWith('apiserver_manifest_admission_config_controller_'))
    .map((line) => line.replace(/sha256:[0-9a-f]{64}/g, 'sha256').replace(/ [\d.e+]{9,}$/, ' <seconds>'));
  const [automatic, last, info] = [
    'automatic_reloads_total',
    'automatic_reload_last_timestamp_seconds',
    'last_config_info',
  ].map((name) => `apiserver_manifest_admission_config_controller_${name}`);
  const series = (status: string, plugin: string) =>
    `{status="${status}",plugin="${plugin}",apiserver_id_hash="sha256"}`;
  expect(told).toEqual([
    `${last}${series('failure', 'ValidatingAdmissionPolicy')} <seconds>`,
    `${last}${series('success', 'ValidatingAdmissionPolicy')} <seconds>`,
    `${last}${series('success', 'ValidatingAdmissionWebhook')} <seconds>`,
    `${automatic}${series('failure', 'ValidatingAdmissionPolicy')} 1`,
    `${automatic}${series('success', 'ValidatingAdmissionPolicy')} 2`,
    `${automatic}${series('success', 'ValidatingAdmissionWebhook')} 1`,
    `${info}{plugin="ValidatingAdmissionPolicy",apiserver_id_hash="sha256",hash="sha256"} 1`,
    `${info}{plugin="ValidatingAdmissionWebhook",apiserver_id_hash="sha256",hash="sha256"} 1`,
  ]);
});
