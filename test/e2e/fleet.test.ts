import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CoreV1Api,
  type Informer,
  KubeConfig,
  makeInformer,
  type ObjectCache,
  type V1ConfigMap,
} from 'client-node-v1';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ConnectProxy, startConnectProxy } from '../fixtures/connect-proxy.ts';
import { controlPlane, type LocalFleet, startLocalFleet } from '../fixtures/fleet.ts';
import { TraceCollector } from '../fixtures/trace-collector.ts';

// Many sequential kubectl commands.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const namespace = (name: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

function tracingFile({ endpoint }: TraceCollector): string {
  const file = join(mkdtempSync(join(tmpdir(), 'zeroplane-traces-')), 'tracing.yaml');
  const fields = { endpoint, samplingRatePerMillion: 1_000_000 };
  const kind = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'TracingConfiguration' };
  writeFileSync(file, JSON.stringify({ ...kind, ...fields }));
  return file;
}

/** Informs about objects called `config`, in the namespace `default`. */
function informerOf(kubeconfig: string): Informer<V1ConfigMap> & ObjectCache<V1ConfigMap> {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const of = { namespace: 'default', fieldSelector: 'metadata.name=config' };
  const path = `/api/v1/namespaces/default/configmaps?fieldSelector=${encodeURIComponent(of.fieldSelector)}`;
  return makeInformer(config, path, () => api.listNamespacedConfigMap(of)) as ReturnType<typeof informerOf>;
}

describe('a fleet', () => {
  let fleet: LocalFleet;
  let collector: TraceCollector;
  beforeAll(async () => {
    collector = await TraceCollector.open();
    fleet = await startLocalFleet({ args: [`--tracing-config-file=${tracingFile(collector)}`] });
    await fleet.run(['create', 'namespace', 'team-b']);
  });
  afterAll(async () => {
    await fleet.stop();
    collector.close();
  });

  const readiness = (name: string, inNamespace: string) =>
    fleet.run([
      ...['get', 'controlplane', name, '-n', inNamespace],
      ...[
        '-o',
        'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.reason}: {.message}{end}',
      ],
    ]);
  const refusal = async (name: string, reason: string, inNamespace = 'default') => {
    const column = 'jsonpath={.status.conditions[?(@.type=="Ready")].reason}';
    await fleet.run([
      ...['wait', `controlplane/${name}`, '-n', inNamespace, `--for=${column}=${reason}`, '--timeout=20s'],
    ]);
    return readiness(name, inNamespace);
  };

  test('creates, serves and deletes a tenant with kubectl alone', async () => {
    const acme = await fleet.create('acme', { admins: [{ group: 'oidc:acme-admins' }, { user: 'ada' }] });
    expect((await fleet.run(['get', 'controlplanes'])).split('\n').map((line) => line.split(/\s+/))).toEqual([
      ['NAME', 'VERSION', 'READY', 'REASON', 'ENDPOINT', 'AGE'],
      ['acme', '1.37', 'True', 'Available', `${fleet.url}/tenants/acme`, expect.stringMatching(/^\d+s$/)],
      [''],
    ]);
    expect(await acme.run(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe(
      'kubernetes-admin',
    );
    await expect
      .poll(() => collector.take().map(({ resource }) => resource['zeroplane.tenant']), { timeout: 20_000 })
      .toContain('acme');
    await acme.run(['apply', '-f', '-'], namespace('shop'));
    await acme.run(['-n', 'shop', 'create', 'deployment', 'web', '--image=nginx']);
    expect(await acme.run(['-n', 'shop', 'get', 'deployment', 'web', '-o', 'name'])).toBe(
      'deployment.apps/web\n',
    );
    expect(
      await acme.run(['get', 'clusterrolebinding', 'zeroplane:admins', '-o', 'jsonpath={.subjects[*].name}']),
    ).toBe('oidc:acme-admins ada');
    // Its controllers are running: a namespace is removed, a service account appears.
    await acme.run(['delete', 'namespace', 'shop', '--timeout=20s']);
    expect(await acme.run(['get', 'serviceaccount', 'default', '-n', 'default', '-o', 'name'])).toBe(
      'serviceaccount/default\n',
    );

    const watch = fleet.spawn([`--kubeconfig=${acme.kubeconfig}`, 'get', 'namespaces', '--watch']);
    await once(watch.stdout!, 'data');
    const watchEnds = once(watch, 'exit');
    await fleet.run(['delete', 'controlplane', 'acme', '--timeout=20s']);
    expect((await watchEnds)[0]).toBe(0);
    await expect
      .poll(async () => (await fleet.kubectl(['get', 'controlplanes,secrets', '-o', 'name'])).stdout)
      .toBe('');
    expect(await acme.kubectl(['get', 'namespaces'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('You must be logged in to the server (Unauthorized)'),
    });
  });

  test('ten tenants are created by one apply, and used concurrently', async () => {
    const names = Array.from({ length: 10 }, (_, at) => `ten-${at}`);
    const objects = names.map((name) => {
      const metadata = { name, labels: { made: 'together' } };
      return { apiVersion: 'zeroplane.dev/v1alpha1', kind: 'ControlPlane', metadata, spec: {} };
    });
    const list = (items: readonly object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await fleet.run(['apply', '-f', '-'], list(objects));
    const those = ['-l', 'made=together'];
    await fleet.run(['wait', 'controlplanes', ...those, '--for=condition=Ready', '--timeout=60s']);
    const { items } = JSON.parse(await fleet.run(['get', 'secrets', '-o', 'json'])) as {
      items: { metadata: { name: string }; data: { value: string } }[];
    };
    const kubeconfigs = names.map((name) => {
      const { data } = items.find(({ metadata }) => metadata.name === `${name}-kubeconfig`)!;
      const kubeconfig = Buffer.from(data.value, 'base64').toString();
      const file = join(fleet.dataDir, `${name}.kubeconfig`);
      writeFileSync(file, kubeconfig, { mode: 0o600 });
      return { name, kubeconfig, file };
    });
    const informers = kubeconfigs.map(({ kubeconfig }) => informerOf(kubeconfig));
    await Promise.all(informers.map((informer) => informer.start()));
    await Promise.all(
      kubeconfigs.map(({ name, file }) => {
        const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: { name } };
        const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
        return fleet.run(
          [`--kubeconfig=${file}`, 'apply', '--server-side', '-f', '-'],
          list([config, account]),
        );
      }),
    );
    // Each sees its own objects only.
    await expect
      .poll(() => informers.map((informer) => informer.list().map(({ data }) => data!['name'])), {
        timeout: 20_000,
      })
      .toEqual(names.map((name) => [name]));
    await Promise.all(informers.map((informer) => informer.stop()));
    const last = `--kubeconfig=${kubeconfigs.at(-1)!.file}`;
    expect((await fleet.run([last, 'get', 'serviceaccounts', '-o', 'name'])).split('\n')).toEqual([
      'serviceaccount/default',
      'serviceaccount/ten-9',
      '',
    ]);
    await fleet.run(['delete', 'controlplanes', ...those, '--timeout=60s']);
  });

  test('a reused name exposes nothing of the previous tenant', async () => {
    const first = await fleet.create('phoenix');
    await first.run(['apply', '-f', '-'], namespace('mine'));
    const former = readFileSync(first.kubeconfig, 'utf8');
    await fleet.run(['delete', 'controlplane', 'phoenix', '--timeout=20s']);
    const second = await fleet.create('phoenix');
    expect((await second.kubectl(['get', 'namespace', 'mine'])).stderr).toContain('"mine" not found');
    writeFileSync(second.kubeconfig, former);
    expect((await second.kubectl(['get', 'namespaces'])).stderr).toContain('Unauthorized');
  });

  test('tenants are isolated, and their admins have no access elsewhere', async () => {
    const [one, two] = [await fleet.create('one'), await fleet.create('one-2', { isolation: 'Dedicated' })];
    await one.run(['apply', '-f', '-'], namespace('mine'));
    expect(await two.run(['get', 'namespaces', '-o', 'name'])).not.toContain('mine');
    const server = `--server=${fleet.url}/tenants/one`;
    expect((await two.kubectl([server, 'get', 'namespaces'])).stderr).toContain('Unauthorized');
    expect((await one.kubectl([`--server=${fleet.url}`, 'get', 'controlplanes'])).stderr).toContain(
      'Unauthorized',
    );
    await fleet.run(['delete', 'controlplane', 'one-2', '--timeout=20s']);
    expect(await one.run(['get', 'namespace', 'mine', '-o', 'name'])).toBe('namespace/mine\n');
  });

  test('a tenant keeps everything through a suspension or a move to another table', async () => {
    const tenant = await fleet.create('sleepy');
    await tenant.run(['apply', '-f', '-'], namespace('kept'));
    const change = (spec: object) =>
      fleet.run(['patch', 'controlplane', 'sleepy', '--type=merge', '-p', JSON.stringify({ spec })]);
    const isReady = () =>
      fleet.run(['wait', 'controlplane/sleepy', '--for=condition=Ready', '--timeout=20s']);
    await change({ suspended: true });
    expect(await refusal('sleepy', 'Suspended')).toBe(
      'False Suspended: requests get 503 until spec.suspended is false',
    );
    const inDiscovery =
      'Error from server (InternalError): an error on the server ("control plane sleepy is suspended") has prevented the request from succeeding\n';
    const noCache = `--cache-dir=${join(fleet.dataDir, 'no-cache')}`;
    // With cached discovery, and without.
    for (const [args, told] of [
      [
        ['create', 'namespace', 'x'],
        'Error from server (ServiceUnavailable): control plane sleepy is suspended\n',
      ],
      [['get', 'pods', noCache], inDiscovery],
      [['api-resources', noCache], inDiscovery],
      [['version'], inDiscovery],
      [
        ['get', '--raw', '/api/v1'],
        'Error from server (ServiceUnavailable): control plane sleepy is suspended\n',
      ],
    ] as const) {
      expect((await tenant.kubectl(args)).stderr.replace(/^E\d{4} .*\n/gm, '')).toBe(told);
    }
    await change({ suspended: false });
    await isReady();
    const kept = ['get', 'namespace', 'kept', '-o', 'yaml'];
    const before = await tenant.run(kept);
    await change({ isolation: 'Dedicated' });
    await isReady();
    expect(await tenant.run(kept)).toBe(before);
    const table = ['get', 'controlplane', 'sleepy', '-o', 'jsonpath={.status.storage.table}'];
    expect(await fleet.run(table)).toMatch(/^zeroplane-fleet-sleepy\.[0-9a-f]{8}$/);
  });

  test('changed arguments and admins take effect', async () => {
    const tenant = await fleet.create('changing');
    const asBob = ['get', 'nodes', '--as=bob'];
    expect((await tenant.kubectl(asBob)).stderr).toContain('User "bob" cannot list resource "nodes"');
    await fleet.create('changing', {
      admins: [{ user: 'bob' }],
      arguments: ['--disable-admission-plugins=LimitRanger'],
    });
    await expect.poll(async () => (await tenant.kubectl(asBob)).code, { timeout: 15_000 }).toBe(0);
    await fleet.create('changing');
    await expect
      .poll(async () => (await tenant.kubectl(asBob)).stderr, { timeout: 15_000 })
      .toContain('User "bob" cannot list resource "nodes"');
  });

  test("a tenant's webhook can't be on this machine", async () => {
    const tenant = await fleet.create('curious');
    const hook = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'hook' },
      webhooks: [
        ['https://127.0.0.1:6443/x', 'CREATE'],
        ['https://localhost:6443/x', 'UPDATE'],
      ].map(([url, operation], at) => ({
        name: `hook-${at}.example.com`,
        clientConfig: { url },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: [operation] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      })),
    };
    await tenant.run(['apply', '-f', '-'], JSON.stringify(hook));
    expect((await tenant.kubectl(['create', 'configmap', 'x'])).stderr).toContain(
      'failed to call webhook: Post "https://127.0.0.1:6443/x?timeout=10s": dial tcp 127.0.0.1:6443: address not allowed',
    );
    expect((await tenant.kubectl(['label', 'configmap', 'kube-root-ca.crt', 'a=b'])).stderr).toContain(
      'Post "https://localhost:6443/x?timeout=10s": dial tcp: lookup localhost: address not allowed',
    );
  });

  // All violations of the schema are in test/integration/fleet/life-cycle.test.ts.
  test.each([
    ['acme#', {}, 'a lowercase RFC 1123 subdomain must consist of'],
    ['fleet', {}, 'metadata.name: Invalid value: fleet is reserved'],
    ['fine', { nonsense: true }, 'unknown field "spec.nonsense"'],
  ])('%s %j is rejected with a reason', async (name, spec, reason) => {
    const { code, stderr } = await fleet.kubectl(['create', '-f', '-'], controlPlane(name, spec));
    expect(stderr).toContain(reason);
    expect(code).toBe(1);
  });

  test('arguments not allowed for tenants are all rejected at once', async () => {
    const flags = ['--no-such-flag=1', '--token-auth-file=/etc/passwd', '--event-ttl=0s'];
    const made = await fleet.kubectl(['create', '-f', '-'], controlPlane('told', { arguments: flags }));
    expect([made.code, made.stderr]).toEqual([
      1,
      `The ControlPlane "told" is invalid: 
* spec.arguments[0]: Invalid value: "--no-such-flag=1": unknown flag: --no-such-flag
* spec.arguments[1]: Invalid value: "--token-auth-file=/etc/passwd": --token-auth-file can't be chosen by a control plane of a fleet
* spec.arguments[2]: Invalid value: "--event-ttl=0s": --event-ttl must be positive
`,
    ]);
  });

  test('the second of two objects with the same name waits, without effect on the first', async () => {
    const first = await fleet.create('wanted');
    await first.run(['apply', '-f', '-'], namespace('mine'));
    await fleet.run(['create', '-f', '-'], controlPlane('wanted', {}, 'team-b'));
    expect(await refusal('wanted', 'NameTaken', 'team-b')).toBe(
      'False NameTaken: the name wanted is taken by a control plane of another namespace, or by one that is being deleted',
    );
    await fleet.run(['delete', 'controlplane', 'wanted', '-n', 'team-b', '--timeout=20s']);
    expect(await first.run(['get', 'namespace', 'mine', '-o', 'name'])).toBe('namespace/mine\n');
  });

  test('a Secret of another owner is not changed', async () => {
    await fleet.run(['create', 'secret', 'generic', 'careful-kubeconfig', '--from-literal=value=mine']);
    await fleet.run(['create', '-f', '-'], controlPlane('careful'));
    expect(await refusal('careful', 'SecretTaken')).toBe(
      'False SecretTaken: the Secret careful-kubeconfig exists and does not belong to this control plane',
    );
    await fleet.run(['delete', 'secret', 'careful-kubeconfig']);
    await fleet.create('careful');
  });
});

test('tenants have host names below the domain', async () => {
  const fleet = await startLocalFleet({ args: ['--domain=k8s.example.test'] });
  const proxy: ConnectProxy = await startConnectProxy();
  try {
    await fleet.run(['apply', '-f', '-'], controlPlane('acme'));
    const acme = await fleet.create('acme');
    const kubeconfig = readFileSync(acme.kubeconfig, 'utf8');
    const server = /server: (\S+)/.exec(kubeconfig)?.[1];
    expect(server).toBe(`https://acme.k8s.example.test:${new URL(fleet.url).port}`);
    writeFileSync(
      acme.kubeconfig,
      kubeconfig.replace('  cluster:', `  cluster:\n    proxy-url: ${proxy.url}`),
    );
    await acme.run(['create', 'namespace', 'by-name']);
    // The same tenant by its path.
    const byPath = `--server=${fleet.url}/tenants/acme`;
    expect(await acme.run([byPath, 'get', 'namespace', 'by-name', '-o', 'name'])).toBe('namespace/by-name\n');
    const other = server!.replace('acme', 'other');
    expect((await acme.kubectl([`--server=${other}`, 'get', 'namespaces'])).stderr).toContain(
      'the server has asked for the client to provide credentials',
    );
    // There are no tenants below a tenant's name.
    expect((await acme.kubectl([`--server=${server}/tenants/acme`, 'get', 'namespaces'])).code).toBe(1);
  } finally {
    proxy.close();
    await fleet.stop();
  }
});

test('tenants survive a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const first = await startLocalFleet({ dataDir });
  const before = await first.create('lasting');
  await before.run(['apply', '-f', '-'], namespace('kept'));
  expect(await first.stop()).toBe(0);
  const second = await startLocalFleet({ dataDir });
  try {
    // The address has changed, and the kubeconfig with it.
    const after = await second.create('lasting');
    expect(await after.run(['get', 'namespace', 'kept', '-o', 'name'])).toBe('namespace/kept\n');
  } finally {
    expect(await second.stop()).toBe(0);
  }
});

test.each([
  ['--event-ttl=0s', '--event-ttl must be positive'],
  ['--tenant=acme', '--tenant: the tenants of a fleet are ControlPlane objects'],
])('a fleet with %s fails with a reason', async (flag, reason) => {
  await expect(startLocalFleet({ args: [flag] })).rejects.toThrow(reason);
});
