/** Control planes of several releases in one process on the same data. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { type History, tableAt } from '../../../shared/apis/history.ts';
import { KUBERNETES_RELEASE } from '../../../shared/apis/kubernetes-release.ts';
import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import { type ControlPlane, createControlPlane } from '../../../shared/server/create-control-plane.ts';
import { flagsOfArguments, parseOptions } from '../../../shared/server/options/parse-options.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { call, type TestAnswer, type TestRequest } from '../../fixtures/api-server.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into
type Json = any;

const NEWEST = KUBERNETES_RELEASE.minor;

let storage: Awaited<ReturnType<typeof newTestStorageFactory>>;
const planes = new Map<string, ControlPlane>();

const open = (args: readonly string[]) =>
  createControlPlane({
    storage,
    options: parseOptions(flagsOfArguments(args)),
    controllers: 'whenAsked',
    authenticator: new AnonymousAuthenticator([]),
    logger: newLogger(() => {}),
  });

/** All run concurrently, and read and write the same objects. */
async function plane(minor: string): Promise<ControlPlane> {
  let found = planes.get(minor);
  if (found === undefined) {
    found = await open([`--emulated-version=${minor}`, '--authorization-mode=RBAC,AlwaysAllow']);
    planes.set(minor, found);
    await found.start();
  }
  return found;
}

const at = async (minor: string, method: string, path: string, request?: TestRequest): Promise<TestAnswer> =>
  call(await plane(minor), method, path, request);
const body = async (minor: string, path: string): Promise<Json> => (await at(minor, 'GET', path)).json;

beforeAll(async () => {
  storage = await newTestStorageFactory();
});
afterAll(async () => {
  for (const one of planes.values()) await one.close();
  await storage.close();
});

test.each([
  ['1.20', ['1', '20', '1', '20']],
  ['1.24', ['1', '24', '1', '23']],
  [NEWEST, ['1', '37', '1', '36']],
])('/version of %s', async (minor, expected) => {
  const { major, minor: own, ...json } = await body(minor, '/version');
  const { emulationMajor, emulationMinor, minCompatibilityMajor, minCompatibilityMinor } = json;
  expect([emulationMajor, emulationMinor, minCompatibilityMajor, minCompatibilityMinor]).toEqual(expected);
  expect(`${major}.${own}`).toBe(NEWEST);
});

describe('invalid flags', () => {
  test.each([
    [['--emulated-version=1.19'], /emulation version 1\.19 is not between \[1\.20, 1\.\d+\.0\]/],
    [['--emulated-version=2.30'], /emulation version 2\.30 is not between/],
    [['--emulated-version=abc'], 'could not parse "abc" as version'],
    [['--emulated-version=1'], 'illegal version string "1"'],
    [['--emulated-version=kube=1.36.1'], 'patch version not allowed, got: kube=1.36.1'],
    [['--emulated-version=wardle=1.2'], 'component not registered: wardle'],
    [['--emulated-version=1.36,1.35'], 'duplicate version flag, kube=1.36 and kube=1.35'],
    [
      ['--emulated-version=1.35', '--min-compatibility-version=1.36'],
      'minCompatibilityVersion version 1.36 is not between [1.20, 1.35]',
    ],
    [
      ['--emulated-version=1.35', '--feature-gates=DRAWorkloadResourceClaims=true'],
      'cannot set feature gate DRAWorkloadResourceClaims to true, feature is PreAlpha at emulated version 1.35, min compatibility version 1.34',
    ],
    [['--emulated-version=1.30', '--feature-gates=Nonsense=true'], 'unrecognized feature gate: Nonsense'],
    [['--emulated-version=1.23', '--feature-gates=ContextualLogging=true'], /feature is PreAlpha/],
    [['--emulated-version=1.26', '--feature-gates=WatchList=true'], /feature is PreAlpha/],
    [['--emulated-version=1.24', '--feature-gates=RemoveSelfLink=false'], /is locked to true/],
    [
      ['--emulated-version=1.20', '--feature-gates=SupportPodPidsLimit=false'],
      'cannot set feature gate SupportPodPidsLimit to false, feature is locked to true',
    ],
    [
      ['--emulated-version=1.30', '--runtime-config=resource.k8s.io/v1=true'],
      'cannot enable version resource.k8s.io/v1 in runtime-config because all the resources have been introduced after the current version 1.30. Consider setting --runtime-config-emulation-forward-compatible=true',
    ],
    [
      ['--emulated-version=1.30', '--runtime-config=networking.k8s.io/v1/servicecidrs=true'],
      'cannot enable resource networking.k8s.io/v1, Resource=servicecidrs in runtime-config because it is introduced at 1.33 after the current version 1.30. Consider setting --runtime-config-emulation-forward-compatible=true',
    ],
    [
      ['--emulation-forward-compatible'],
      'ServerRunOptions.EmulationForwardCompatible cannot be set to true if the emulation version is the same as the binary version',
    ],
    [
      ['--runtime-config-emulation-forward-compatible'],
      'ServerRunOptions.RuntimeConfigEmulationForwardCompatible cannot be set to true if the emulation version is the same as the binary version',
    ],
  ])('%j', async (args, message) => {
    await expect(open(args)).rejects.toThrow(message);
  });
});

describe('served versions', () => {
  test.each([
    ['1.20', '/apis/policy/v1beta1/podsecuritypolicies', 200],
    ['1.24', '/apis/policy/v1beta1/podsecuritypolicies', 200],
    [NEWEST, '/apis/policy/v1beta1/podsecuritypolicies', 404],
    ['1.20', '/apis/batch/v1/namespaces/default/cronjobs', 404],
    ['1.24', '/apis/batch/v1/namespaces/default/cronjobs', 200],
    ['1.20', '/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions', 200],
    ['1.24', '/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions', 404],
    ['1.20', '/apis/networking.k8s.io/v1/servicecidrs', 404],
    [NEWEST, '/apis/networking.k8s.io/v1/servicecidrs', 200],
    ['1.22', '/apis/flowcontrol.apiserver.k8s.io/v1beta2/flowschemas', 404],
    ['1.28', '/apis/flowcontrol.apiserver.k8s.io/v1beta2/flowschemas', 200],
    ['1.28', '/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas', 200],
    [NEWEST, '/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas', 404],
    ['1.24', '/apis/storage.k8s.io/v1beta1/csistoragecapacities', 200],
    ['1.28', '/apis/storage.k8s.io/v1beta1/csistoragecapacities', 404],
  ])('%s %s: %i', async (minor, path, status) => {
    expect((await at(minor, 'GET', path)).status).toBe(status);
  });

  test.each([
    ['1.20', []],
    ['1.28', ['start-kube-apiserver-identity-lease-controller']],
    ['1.34', ['start-kube-apiserver-identity-lease-controller', 'start-kubernetes-service-cidr-controller']],
    [
      NEWEST,
      [
        'peer-endpoint-reconciler-controller',
        'start-kube-apiserver-identity-lease-controller',
        'start-kubernetes-service-cidr-controller',
        'storage-readiness',
      ],
    ],
  ])('%s is ready with %j', async (minor, hooks) => {
    const { paths } = await body(minor, '/');
    const gated =
      /^\/readyz\/poststarthook\/(peer-.*|.*lease-controller|.*cidr-controller|storage-readiness)$/;
    expect((paths as string[]).flatMap((path) => gated.exec(path)?.[1] ?? [])).toEqual(hooks);
  });

  test.each([['1.20'], ['1.29'], [NEWEST]])('%s lists the stored versions', async (minor) => {
    const { resources } = await body(minor, '/api/v1');
    const pods = (resources as Json[]).find(({ name }) => name === 'pods');
    expect(pods?.storageVersionHash).toBe('xPOwRZ+Yhw8=');
  });

  test.each([
    ['1.34', {}, ['spec.type: Required value']],
    ['1.34', { type: 'Limited' }, ['spec.limited.limitResponse.type: Required value']],
    [NEWEST, {}, ['spec.limited: Forbidden', 'spec.type: Required value']],
    [
      NEWEST,
      { type: 'Limited' },
      ['spec.limited.limitResponse.queuing: Forbidden', 'spec.limited.limitResponse.type: Required value'],
    ],
  ])('%s: declarative errors since 1.37 for a priority level that is %j', async (minor, type, told) => {
    const limited = { nominalConcurrencyShares: 5, limitResponse: { queuing: { queues: 1 } } };
    const path = '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations?dryRun=All';
    const sent = { metadata: { name: 'p' }, spec: { ...type, limited } };
    const { json } = await at(minor, 'POST', path, { body: sent });
    const { causes } = json!.details as { causes: { field: string; message: string }[] };
    expect(causes.map(({ field, message }) => `${field}: ${message}`)).toEqual(told);
  });

  test.each([
    [
      '1.34',
      '{"Devices":{"Requests":[{"Name":"s","Exactly":{"DeviceClassName":"c","Selectors":null,"AllocationMode":"ExactCount","Count":1,"AdminAccess":null,"Tolerations":null,"Capacity":null,"DerivedAttributes":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}',
    ],
    [NEWEST, 'null'],
  ])('%s: what may not change of a claim is shown as %s', async (minor, shown) => {
    const path = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
    const requests = [{ name: 'r', exactly: { deviceClassName: 'c' } }];
    const claim = { metadata: { name: `claim-${minor}` }, spec: { devices: { requests } } };
    await at(minor, 'POST', path, { body: claim });
    const patch = { spec: { devices: { requests: [{ ...requests[0], name: 's' }] } } };
    const headers = { 'content-type': 'application/merge-patch+json' };
    const { json } = await at(minor, 'PATCH', `${path}/claim-${minor}`, { body: patch, headers });
    expect(json?.message).toBe(
      `ResourceClaim.resource.k8s.io "claim-${minor}" is invalid: spec: Invalid value: ${shown}: field is immutable`,
    );
  });

  test('deprecation warnings are those of the release', async () => {
    const path = '/apis/policy/v1beta1/namespaces/default/poddisruptionbudgets';
    const warnings = async (minor: string) => (await at(minor, 'GET', path)).headers['warning'];
    expect(await warnings('1.20')).toBeUndefined();
    expect(await warnings('1.24')).toEqual([
      '299 - "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 PodDisruptionBudget"',
    ]);
  });

  test('groups and versions of 1.20 are those on by default in its documents', async () => {
    const facts = JSON.parse(
      readFileSync(join(root, 'test/facts/served-defaults.json'), 'utf8'),
    ) as History<true>;
    const expected = Object.keys(tableAt(facts, '1.20')).map((name) => name.split(' ')[0]!);
    const others = ['apiextensions', 'apiregistration'].flatMap((group) =>
      ['v1', 'v1beta1'].map((version) => `${group}.k8s.io/${version}`),
    );
    const { groups } = await body('1.20', '/apis');
    const versions = groups.flatMap((group: Json) => group.versions.map((one: Json) => one.groupVersion));
    expect(['v1', ...versions].sort()).toEqual([...new Set([...expected, ...others])].sort());
  });

  test('bootstrap roles are those of the release', async () => {
    const names = async (minor: string): Promise<string[]> =>
      (await body(minor, '/apis/rbac.authorization.k8s.io/v1/clusterroles')).items.map(
        ({ metadata }: Json) => metadata.name,
      );
    // The first to start on the empty store was 1.20.
    expect(await names('1.20')).toContain('system:controller:legacy-service-account-token-cleaner');
  });
});

describe('versions added after 1.20 and removed since', () => {
  const configurations = (version: string, name = '') =>
    `/apis/flowcontrol.apiserver.k8s.io/${version}/prioritylevelconfigurations${name}`;
  const limited = (shares: object) => ({
    type: 'Limited',
    limited: { ...shares, limitResponse: { type: 'Reject' } },
  });
  const KEPT_ZERO = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

  test.each([
    ['unset shares', 'v1beta3', undefined, {}, 30],
    ['zero shares', 'v1beta3', undefined, { nominalConcurrencyShares: 0 }, 30],
    ['intended zero shares', 'v1beta3', { [KEPT_ZERO]: '' }, { nominalConcurrencyShares: 0 }, 0],
    ['shares under their older name', 'v1beta2', undefined, { assuredConcurrencyShares: 7 }, 7],
  ])('a priority level with %s', async (_what, version, annotations, shares, expected) => {
    const name = `level-${version}-${expected}-${Object.keys(shares).length}`;
    const object = { metadata: { name, ...(annotations && { annotations }) }, spec: limited(shares) };
    const { status, text } = await at('1.28', 'POST', configurations(version), { body: object });
    expect([status, text]).toEqual([201, expect.anything()]);
    const stored = await body(NEWEST, configurations('v1', `/${name}`));
    expect([stored.spec.limited.nominalConcurrencyShares, stored.metadata.annotations]).toEqual([
      expected,
      undefined,
    ]);
    const shown = await body('1.28', configurations('v1beta3', `/${name}`));
    expect([shown.spec.limited.nominalConcurrencyShares, shown.metadata.annotations]).toEqual([
      expected,
      annotations,
    ]);
    await at(NEWEST, 'DELETE', configurations('v1', `/${name}`));
  });

  test('a write through a version without lending keeps what it lends', async () => {
    const old = await open([
      '--emulated-version=1.20',
      '--runtime-config=flowcontrol.apiserver.k8s.io/v1alpha1=true',
      '--authorization-mode=AlwaysAllow',
    ]);
    planes.set('1.20 with v1alpha1', old);
    await old.start();
    const path = (version: string) =>
      `/apis/flowcontrol.apiserver.k8s.io/${version}/prioritylevelconfigurations`;
    const limited = { nominalConcurrencyShares: 5, lendablePercent: 40, borrowingLimitPercent: 3 };
    await at(NEWEST, 'POST', path('v1'), {
      body: {
        metadata: { name: 'lends' },
        spec: { type: 'Limited', limited: { ...limited, limitResponse: { type: 'Reject' } } },
      },
    });
    const { json: shown } = await call(old, 'GET', `${path('v1alpha1')}/lends`);
    const spec = {
      type: 'Limited',
      limited: { assuredConcurrencyShares: 5, limitResponse: { type: 'Reject' } },
    };
    expect(shown?.spec).toEqual(spec);
    spec.limited.assuredConcurrencyShares = 9;
    const { status } = await call(old, 'PUT', `${path('v1alpha1')}/lends`, { body: { ...shown, spec } });
    expect(status).toBe(200);
    const after = await body(NEWEST, `${path('v1')}/lends`);
    expect(after.spec.limited).toEqual({
      ...limited,
      nominalConcurrencyShares: 9,
      limitResponse: { type: 'Reject' },
    });
    await at(NEWEST, 'DELETE', `${path('v1')}/lends`);
  });

  test('betas that were off by default', async () => {
    const args = ['--emulated-version=1.28', '--runtime-config=api/beta=true'];
    const betas = await open([...args, '--authorization-mode=AlwaysAllow']);
    planes.set('1.28 with betas', betas);
    await betas.start();
    const create = async (path: string, object: object): Promise<Json> => {
      const { status, json } = await call(betas, 'POST', path, { body: object });
      return { status, ...json };
    };
    const authentication = '/apis/authentication.k8s.io/v1beta1/selfsubjectreviews';
    expect((await create(authentication, {})).apiVersion).toBe('authentication.k8s.io/v1beta1');
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
    const policies = '/apis/admissionregistration.k8s.io/v1beta1/validatingadmissionpolicies';
    const policy = await create(`${policies}?dryRun=All`, {
      metadata: { name: 'small' },
      spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] },
    });
    expect([policy.apiVersion, policy.spec?.failurePolicy]).toEqual([
      'admissionregistration.k8s.io/v1beta1',
      'Fail',
    ]);
    expect((await at('1.28', 'POST', authentication, { body: {} })).status).toBe(404);
  });
});

test("a kind that moved to another group has that group's columns", async () => {
  const answer = await at('1.20', 'GET', '/apis/extensions/v1beta1/namespaces/default/ingresses', {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  const { columnDefinitions } = answer.json as Json;
  expect(columnDefinitions.map(({ name }: Json) => name)).toEqual([
    'Name',
    'Class',
    'Hosts',
    'Address',
    'Ports',
    'Age',
  ]);
});

test('/openapi/v2 has the fields of the release', async () => {
  const { definitions } = await body('1.20', '/openapi/v2');
  const facts = JSON.parse(readFileSync(join(root, 'test/facts/served-fields.json'), 'utf8')) as History<
    string[]
  >;
  // Some fields were removed for good, and some types were renamed.
  const gone = new Set(['clusterName', 'readOnly', 'topologyKeys']);
  const fields = (names: readonly string[]) => names.filter((name) => !gone.has(name)).sort();
  const expected = Object.entries(tableAt(facts, '1.20')).filter(([name]) =>
    Object.hasOwn(definitions, name),
  );
  expect(expected.length).toBeGreaterThan(580);
  expect(expected.map(([name]) => [name, fields(Object.keys(definitions[name].properties ?? {}))])).toEqual(
    expected.map(([name, names]) => [name, fields(names)]),
  );
  expect(
    Object.keys(definitions).filter((name) => /resource\.v1|ValidatingAdmissionPolicy/.test(name)),
  ).toEqual([]);
});

/** Fields newer than 1.20, identifiable by their values. */
const POD = {
  containers: [
    { name: 'a', image: 'a', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] },
    { name: 'b', image: 'b', startupProbe: { httpGet: { port: 1 }, terminationGracePeriodSeconds: 7 } },
  ],
  restartPolicy: 'Never',
  os: { name: 'linux' },
};
const JOB = {
  metadata: { name: 'job' },
  spec: {
    completions: 3,
    parallelism: 1,
    completionMode: 'Indexed',
    backoffLimitPerIndex: 1,
    podReplacementPolicy: 'Failed',
    template: { spec: POD },
  },
};
const POLICY = {
  metadata: { name: 'policy' },
  spec: {
    podSelector: {},
    ingress: [{ ports: [{ port: 1, endPort: 5 }] }, { ports: [{ port: 10, endPort: 50 }] }],
  },
};
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const merge = { 'content-type': 'application/merge-patch+json' };
const strategic = { 'content-type': 'application/strategic-merge-patch+json' };

/** Without the fields that every write changes. */
function settled({ metadata, ...rest }: Json): Json {
  const { resourceVersion: _rv, managedFields: _mf, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

describe('an object of the newest release in an older one', () => {
  beforeAll(async () => {
    for (const [path, object] of [
      [JOBS, JOB],
      [POLICIES, POLICY],
    ] as const) {
      const { status, text } = await at(NEWEST, 'POST', path, { body: object });
      expect([status, text]).toEqual([201, expect.anything()]);
    }
  });

  test('is shown without newer fields, in every format', async () => {
    const own = ['completionMode', 'backoffLimitPerIndex', 'podReplacementPolicy', 'suspend'];
    const whole = await body(NEWEST, `${JOBS}/job`);
    expect(Object.keys(whole.spec)).toEqual(expect.arrayContaining(own));
    const list = await body('1.20', JOBS);
    const watched = (await at('1.20', 'GET', `${JOBS}?watch=true&timeoutSeconds=1`)).text.split('\n')[0]!;
    const rows = (
      await at('1.20', 'GET', `${JOBS}?includeObject=Object`, {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      })
    ).json as Json;
    for (const job of [
      await body('1.20', `${JOBS}/job`),
      list.items[0],
      JSON.parse(watched).object,
      rows.rows[0].object,
    ]) {
      expect(Object.keys(job.spec).filter((name) => own.includes(name))).toEqual([]);
      expect(job.spec.template.spec).not.toHaveProperty('os');
      expect(job.spec.template.spec.containers[0]).not.toHaveProperty('resizePolicy');
      expect(job.spec.template.spec.containers[1].startupProbe).not.toHaveProperty(
        'terminationGracePeriodSeconds',
      );
    }
  });

  test.each<[string, string, (shown: Json) => TestRequest & { method: string }]>([
    [
      'a label change by update',
      JOBS,
      (shown) => ({
        method: 'PUT',
        body: { ...shown, metadata: { ...shown.metadata, labels: { ...shown.metadata.labels, put: 'yes' } } },
      }),
    ],
    [
      'a label change by merge patch',
      JOBS,
      () => ({ method: 'PATCH', headers: merge, body: { metadata: { labels: { merged: 'yes' } } } }),
    ],
    [
      'a label change by strategic merge patch',
      JOBS,
      () => ({ method: 'PATCH', headers: strategic, body: { metadata: { labels: { strategic: 'yes' } } } }),
    ],
    [
      'a label change by apply',
      JOBS,
      () => ({
        method: 'PATCH',
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job', labels: { applied: 'yes' } } },
      }),
    ],
    [
      'a label change of an object with keyless lists',
      POLICIES,
      (shown) => ({
        method: 'PUT',
        body: { ...shown, metadata: { ...shown.metadata, labels: { put: 'yes' } } },
      }),
    ],
  ])('%s changes nothing else', async (_what, path, requestOf) => {
    const name = path === JOBS ? 'job' : 'policy';
    const before = await body(NEWEST, `${path}/${name}`);
    const shown = await body('1.20', `${path}/${name}`);
    const { method, ...request } = requestOf(shown);
    const query = request.headers?.['content-type']?.startsWith('application/apply')
      ? '?fieldManager=me'
      : '';
    const { status, text } = await at('1.20', method, `${path}/${name}${query}`, request);
    expect([status, text]).toEqual([200, expect.anything()]);
    const after = await body(NEWEST, `${path}/${name}`);
    expect(settled({ ...after, metadata: { ...after.metadata, labels: before.metadata.labels } })).toEqual(
      settled(before),
    );
    expect(after.metadata.labels).not.toEqual(before.metadata.labels);
  });

  test('list elements keep their own fields', async () => {
    const shown = await body('1.20', `${POLICIES}/policy`);
    const ingress = [shown.spec.ingress[1], { ports: [{ protocol: 'TCP', port: 3 }] }];
    const answer = await at('1.20', 'PUT', `${POLICIES}/policy`, {
      body: { ...shown, spec: { ...shown.spec, ingress } },
    });
    expect(answer.status).toBe(200);
    const { spec } = await body(NEWEST, `${POLICIES}/policy`);
    expect(spec.ingress).toEqual([
      { ports: [{ protocol: 'TCP', port: 10, endPort: 50 }] },
      { ports: [{ protocol: 'TCP', port: 3 }] },
    ]);
  });

  test.each([
    ['Strict', 400, undefined],
    ['Warn', 201, ['299 - "unknown field \\"spec.suspend\\""']],
    ['Ignore', 201, undefined],
  ])('a newer field is an unknown field: %s', async (fieldValidation, status, warning) => {
    const { completionMode: _c, backoffLimitPerIndex: _b, podReplacementPolicy: _p, ...spec } = JOB.spec;
    const template = { spec: { containers: [{ name: 'a', image: 'a' }], restartPolicy: 'Never' } };
    const answer = await at('1.20', 'POST', `${JOBS}?fieldValidation=${fieldValidation}&dryRun=All`, {
      body: { metadata: { name: 'other' }, spec: { ...spec, suspend: true, template } },
    });
    expect([answer.status, answer.headers['warning']]).toEqual([status, warning]);
    if (status === 400)
      expect(answer.json!['message']).toContain('strict decoding error: unknown field "spec.suspend"');
    else expect((answer.json as Json).spec).not.toHaveProperty('suspend');
  });

  test("a newer field can't be applied", async () => {
    const { status, json } = await at('1.20', 'PATCH', `${JOBS}/job?fieldManager=me`, {
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec: { suspend: true } },
    });
    expect(status).toBe(500);
    expect(json!['message']).toContain('.spec.suspend: field not declared in schema');
  });
});

test('a control plane upgraded from 1.20 to the newest release and back keeps its objects', async () => {
  const crd = {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      version: 'v1',
      names: { plural: 'things', kind: 'Thing' },
      scope: 'Namespaced',
    },
  };
  const definitions = (version: string) => `/apis/apiextensions.k8s.io/${version}/customresourcedefinitions`;
  expect((await at('1.20', 'POST', definitions('v1beta1'), { body: crd })).status).toBe(201);
  const things = '/apis/example.com/v1/namespaces/default/things';
  const thing = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'one' }, any: { field: 1 } };
  expect((await at('1.20', 'POST', things, { body: thing })).status).toBe(201);
  const cron = {
    metadata: { name: 'cron' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } } },
      },
    },
  };
  const crons = (version: string) => `/apis/batch/${version}/namespaces/default/cronjobs`;
  expect((await at('1.20', 'POST', crons('v1beta1'), { body: cron })).status).toBe(201);

  expect((await body(NEWEST, `${things}/one`)).any).toEqual({ field: 1 });
  const zoned = await at(NEWEST, 'PATCH', `${crons('v1')}/cron`, {
    headers: merge,
    body: { spec: { timeZone: 'Etc/UTC' } },
  });
  expect(zoned.status).toBe(200);
  const admission = {
    metadata: { name: 'unseen' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      validations: [{ expression: 'true' }],
    },
  };
  const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
  expect((await at(NEWEST, 'POST', policies, { body: admission })).status).toBe(201);

  const back = await body('1.20', `${crons('v1beta1')}/cron`);
  expect(back.spec).not.toHaveProperty('timeZone');
  expect((await at('1.20', 'GET', `${policies}/unseen`)).status).toBe(404);
  const suspended = { ...back, spec: { ...back.spec, suspend: true } };
  expect((await at('1.20', 'PUT', `${crons('v1beta1')}/cron`, { body: suspended })).status).toBe(200);

  expect((await body(NEWEST, `${crons('v1')}/cron`)).spec).toMatchObject({
    timeZone: 'Etc/UTC',
    suspend: true,
  });
  expect((await at(NEWEST, 'GET', `${policies}/unseen`)).status).toBe(200);
});

test('definitions are applied through v1beta1 again and again, with and without a list of versions', async () => {
  const path = '/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions/again.example.com';
  const version = { name: 'v1', served: true, storage: true };
  const apply = async (spec: object, properties: object): Promise<unknown[]> => {
    const applied = {
      apiVersion: 'apiextensions.k8s.io/v1beta1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'again.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'again', kind: 'Again' },
        validation: { openAPIV3Schema: { type: 'object', properties } },
        ...spec,
      },
    };
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    const { status, json } = await at('1.20', 'PATCH', `${path}?fieldManager=me`, { body: applied, headers });
    return [status, (json as Json).spec?.versions.map(({ name }: { name: string }) => name) ?? json];
  };
  const [a, b] = [{ a: { type: 'string' } }, { b: { type: 'string' } }];
  expect([
    await apply({ version: 'v1' }, a),
    await apply({ version: 'v1' }, a),
    await apply({ version: 'v1' }, b),
    await apply({ versions: [version, { ...version, name: 'v2', storage: false }] }, b),
  ]).toEqual([
    [201, ['v1']],
    [200, ['v1']],
    [200, ['v1']],
    [200, ['v1', 'v2']],
  ]);
});
