import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer();
});
afterAll(() => server.stop());

const run = (...args: string[]) => server.run(args);
const json = async (...args: string[]) =>
  JSON.parse(await run(...args, '-o', 'json')) as Record<string, never>;

/** A new namespace for a session, and kubectl in it. */
async function session(name: string) {
  await run('create', 'namespace', name);
  const kubectl = (...args: string[]) => run('-n', name, ...args);
  return {
    kubectl,
    apply: (manifest: string) => server.run(['-n', name, 'apply', '-f', '-'], manifest),
    fails: async (...args: string[]) => {
      const { code, stderr } = await server.kubectl(['-n', name, ...args]);
      expect(code).not.toBe(0);
      return stderr.trim();
    },
  };
}

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 80}]
`;

describe('a deployment', () => {
  let s: Awaited<ReturnType<typeof session>>;
  beforeAll(async () => {
    s = await session('deployments');
  });

  test('is created by apply, and applying it again changes nothing', async () => {
    expect(await s.apply(DEPLOYMENT)).toBe('deployment.apps/web created\n');
    expect(await s.apply(DEPLOYMENT)).toBe('deployment.apps/web unchanged\n');
  });

  test('is printed as from kube-apiserver', async () => {
    expect((await s.kubectl('get', 'deployment', 'web', '--no-headers')).trim()).toMatch(
      /^web +0\/2 +0 +0 +\d+s$/,
    );
    const wide = (await s.kubectl('get', 'deployment', 'web', '-o', 'wide')).split('\n');
    expect(wide[0]!.split(/ {2,}/).map((title) => title.trim())).toEqual([
      'NAME',
      'READY',
      'UP-TO-DATE',
      'AVAILABLE',
      'AGE',
      'CONTAINERS',
      'IMAGES',
      'SELECTOR',
    ]);
    expect(wide[1]).toMatch(/nginx +nginx:1\.27 +app=web$/);
  });

  test('has the defaults of its kind', async () => {
    const object = (await json('-n', 'deployments', 'get', 'deployment', 'web')) as never as {
      spec: Record<string, unknown> & {
        template: { spec: Record<string, unknown> & { containers: object[] } };
      };
    };
    expect(object.spec).toMatchObject({
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    });
    expect(object.spec.template.spec).toMatchObject({
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    });
    expect(object.spec.template.spec.containers[0]).toMatchObject({
      imagePullPolicy: 'IfNotPresent',
      ports: [{ containerPort: 80, protocol: 'TCP' }],
      terminationMessagePath: '/dev/termination-log',
    });
  });

  test.each([
    [
      'scale',
      ['scale', 'deployment', 'web', '--replicas=5'],
      'deployment.apps/web scaled',
      '{.spec.replicas}',
      '5',
    ],
    [
      'set image',
      ['set', 'image', 'deployment/web', 'nginx=nginx:1.28'],
      'deployment.apps/web image updated',
      '{.spec.template.spec.containers[0].image}',
      'nginx:1.28',
    ],
    [
      'label',
      ['label', 'deployment', 'web', 'tier=front'],
      'deployment.apps/web labeled',
      '{.metadata.labels.tier}',
      'front',
    ],
    [
      'annotate',
      ['annotate', 'deployment', 'web', 'note=hello'],
      'deployment.apps/web annotated',
      '{.metadata.annotations.note}',
      'hello',
    ],
    [
      'strategic merge patch',
      [
        'patch',
        'deployment',
        'web',
        '-p',
        '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:1"}]}}}}',
      ],
      'deployment.apps/web patched',
      '{.spec.template.spec.containers[*].name}',
      'side nginx',
    ],
    [
      'JSON patch',
      [
        'patch',
        'deployment',
        'web',
        '--type=json',
        '-p',
        '[{"op":"replace","path":"/spec/paused","value":true},{"op":"remove","path":"/spec/template/spec/containers/0"}]'.replace(
          '"replace"',
          '"add"',
        ),
      ],
      'deployment.apps/web patched',
      '{.spec.paused} {.spec.template.spec.containers[*].name}',
      'true nginx',
    ],
    [
      'merge patch',
      ['patch', 'deployment', 'web', '--type=merge', '-p', '{"spec":{"paused":null,"minReadySeconds":7}}'],
      'deployment.apps/web patched',
      '{.spec.paused}{.spec.minReadySeconds}',
      '7',
    ],
    [
      'set env',
      ['set', 'env', 'deployment/web', 'A=b'],
      'deployment.apps/web env updated',
      '{.spec.template.spec.containers[0].env[0].value}',
      'b',
    ],
    [
      'autoscale',
      ['autoscale', 'deployment', 'web', '--max=3', '--cpu=80%'],
      'horizontalpodautoscaler.autoscaling/web autoscaled',
      '{.metadata.generation}',
      '',
    ],
  ])('%s', async (name, args, said, path, value) => {
    expect((await s.kubectl(...args)).trim()).toBe(said);
    const shown = await s.kubectl('get', 'deployment', 'web', '-o', `jsonpath=${path}`);
    if (name !== 'autoscale') expect(shown).toBe(value);
  });

  test('the status is separate, and does not change the generation', async () => {
    const before = await s.kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.generation}');
    await s.kubectl(
      'patch',
      'deployment',
      'web',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"replicas":5,"readyReplicas":5,"updatedReplicas":5,"availableReplicas":5},"spec":{"replicas":1}}',
    );
    expect(
      await s.kubectl(
        'get',
        'deployment',
        'web',
        '-o',
        'jsonpath={.metadata.generation} {.spec.replicas} {.status.readyReplicas}',
      ),
    ).toBe(`${before} 5 5`);
    expect((await s.kubectl('get', 'deployment', 'web', '--no-headers')).trim()).toMatch(/^web +5\/5 +5 +5 /);
  });

  test('diff, replace, edit, rollout and delete', async () => {
    const diff = await server.kubectl(
      ['-n', 'deployments', 'diff', '-f', '-'],
      DEPLOYMENT.replace('replicas: 2', 'replicas: 9'),
    );
    expect([diff.code, /\+ +replicas: 9/.test(diff.stdout)]).toEqual([1, true]);
    const current = (await s.kubectl('get', 'deployment', 'web', '-o', 'yaml')).replace(
      'replicas: 5',
      'replicas: 6',
    );
    expect(await server.run(['-n', 'deployments', 'replace', '-f', '-'], current)).toBe(
      'deployment.apps/web replaced\n',
    );
    const stale = await server.kubectl(['-n', 'deployments', 'replace', '-f', '-'], current);
    expect(stale.stderr).toContain(
      'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    );
    expect(await s.kubectl('rollout', 'history', 'deployment/web')).toContain('deployment.apps/web');
    expect(await s.kubectl('delete', 'deployment', 'web')).toBe(
      'deployment.apps "web" deleted from deployments namespace\n',
    );
    expect(await s.fails('get', 'deployment', 'web')).toBe(
      'Error from server (NotFound): deployments.apps "web" not found',
    );
  });
});

describe('rejections', () => {
  let s: Awaited<ReturnType<typeof session>>;
  beforeAll(async () => {
    s = await session('refused');
    await s.kubectl('create', 'configmap', 'there');
  });
  const manifest = (text: string) => server.kubectl(['-n', 'refused', 'create', '-f', '-'], text);

  test.each<[string, string[], string]>([
    [
      'an existing name',
      ['create', 'configmap', 'there'],
      'error: failed to create configmap: configmaps "there" already exists',
    ],
    [
      'a missing namespace',
      ['create', 'configmap', 'x', '--namespace=nowhere'],
      'error: failed to create configmap: namespaces "nowhere" not found',
    ],
    ['an unknown resource', ['get', 'widgets'], 'error: the server doesn\'t have a resource type "widgets"'],
    ['an invalid selector', ['get', 'pods', '-l', 'a in'], 'Error from server (BadRequest)'],
  ])('%s', async (_, args, message) => {
    expect(await s.fails(...args)).toContain(message);
  });

  test.each<[string, string, string]>([
    [
      'a bad name',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n',
      `The ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
    [
      'a pod without containers',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n',
      'The Pod "p" is invalid: spec.containers: Required value',
    ],
    [
      'a service with a bad port',
      'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 99999}]}\n',
      'The Service "s" is invalid: ',
    ],
    [
      'an unknown field',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndatum: {}\n',
      'strict decoding error: unknown field "datum"',
    ],
    [
      'a wrong type',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: two}\n',
      'cannot unmarshal string into Go struct field',
    ],
  ])('%s', async (_, text, message) => {
    const { code, stderr } = await manifest(text);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe('generators', () => {
  let s: Awaited<ReturnType<typeof session>>;
  beforeAll(async () => {
    s = await session('generators');
    await s.kubectl('create', 'deployment', 'web', '--image=nginx', '--port=80');
  });

  test.each<[string, string[]]>([
    ['configmap/c', ['create', 'configmap', 'c', '--from-literal=a=b']],
    ['secret/s', ['create', 'secret', 'generic', 's', '--from-literal=a=b']],
    [
      'secret/d',
      [
        'create',
        'secret',
        'docker-registry',
        'd',
        '--docker-username=u',
        '--docker-password=p',
        '--docker-server=r',
      ],
    ],
    ['serviceaccount/sa', ['create', 'serviceaccount', 'sa']],
    ['role.rbac.authorization.k8s.io/r', ['create', 'role', 'r', '--verb=get', '--resource=pods']],
    [
      'rolebinding.rbac.authorization.k8s.io/rb',
      ['create', 'rolebinding', 'rb', '--role=r', '--serviceaccount=generators:sa'],
    ],
    [
      'clusterrole.rbac.authorization.k8s.io/gen-cr',
      ['create', 'clusterrole', 'gen-cr', '--verb=get', '--resource=nodes'],
    ],
    [
      'clusterrolebinding.rbac.authorization.k8s.io/gen-crb',
      ['create', 'clusterrolebinding', 'gen-crb', '--clusterrole=view', '--user=u'],
    ],
    ['job.batch/j', ['create', 'job', 'j', '--image=busybox']],
    ['cronjob.batch/cj', ['create', 'cronjob', 'cj', '--image=busybox', '--schedule=*/5 * * * *']],
    ['job.batch/from-cj', ['create', 'job', 'from-cj', '--from=cronjob/cj']],
    ['service/svc', ['create', 'service', 'clusterip', 'svc', '--tcp=80:8080']],
    ['service/np', ['create', 'service', 'nodeport', 'np', '--tcp=80:8080']],
    ['service/ext', ['create', 'service', 'externalname', 'ext', '--external-name=example.com']],
    ['ingress.networking.k8s.io/ing', ['create', 'ingress', 'ing', '--rule=a.example.com/*=svc:80']],
    [
      'poddisruptionbudget.policy/pdb',
      ['create', 'poddisruptionbudget', 'pdb', '--selector=app=web', '--min-available=1'],
    ],
    ['priorityclass.scheduling.k8s.io/gen-pc', ['create', 'priorityclass', 'gen-pc', '--value=10']],
    ['resourcequota/q', ['create', 'quota', 'q', '--hard=configmaps=50']],
    ['pod/run', ['run', 'run', '--image=nginx']],
  ])('%s', async (name, args) => {
    expect(await s.kubectl(...args)).toBe(`${name} created\n`);
    expect(await s.kubectl('get', name, '-o', 'name')).toBe(`${name}\n`);
  });

  test('expose and a token', async () => {
    expect(await s.kubectl('expose', 'deployment', 'web', '--name=exposed')).toBe(
      'service/exposed exposed\n',
    );
    expect(await s.kubectl('get', 'service', 'exposed', '-o', 'jsonpath={.spec.clusterIP}')).toMatch(
      /^10\.0\.0\.\d+$/,
    );
    expect((await s.kubectl('create', 'token', 'sa')).split('.').length).toBe(3);
  });

  test('all objects are deleted with the namespace', async () => {
    expect(await run('delete', 'namespace', 'generators', '--timeout=60s')).toBe(
      'namespace "generators" deleted\n',
    );
    expect((await server.kubectl(['get', 'namespace', 'generators'])).stderr).toContain(
      'namespaces "generators" not found',
    );
  }, 90_000);
});

describe('server-side apply', () => {
  test('fields belong to the manager that applied them; taking them requires force', async () => {
    const s = await session('apply');
    const apply = (text: string, ...args: string[]) =>
      server.kubectl(['-n', 'apply', 'apply', '--server-side', ...args, '-f', '-'], text);
    expect((await apply(DEPLOYMENT, '--field-manager=team')).stdout).toBe(
      'deployment.apps/web serverside-applied\n',
    );
    const scaled = DEPLOYMENT.replace('replicas: 2', 'replicas: 7');
    const refused = await apply(scaled, '--field-manager=scaler');
    expect(refused.stderr).toContain('Apply failed with 1 conflict: conflict with "team": .spec.replicas');
    expect((await apply(scaled, '--field-manager=scaler', '--force-conflicts')).code).toBe(0);
    expect(await s.kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('7');
    const managers = await s.kubectl(
      'get',
      'deployment',
      'web',
      '--show-managed-fields',
      '-o',
      'jsonpath={.metadata.managedFields[*].manager}',
    );
    expect(managers.split(' ').sort()).toEqual(['scaler', 'team']);
  });
});

describe('deletion', () => {
  test('dependents are deleted with their owner, or kept when orphaned', async () => {
    const s = await session('owners');
    const owned = async (owner: string, name: string) => {
      const uid = await s.kubectl('get', 'configmap', owner, '-o', 'jsonpath={.metadata.uid}');
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid, blockOwnerDeletion: true };
      const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name, ownerReferences: [reference] } };
      await server.run(['-n', 'owners', 'create', '-f', '-'], JSON.stringify(object));
    };
    for (const owner of ['a', 'b', 'c']) {
      await s.kubectl('create', 'configmap', owner);
      await owned(owner, `of-${owner}`);
    }
    await s.kubectl('delete', 'configmap', 'a');
    await s.kubectl('delete', 'configmap', 'b', '--cascade=foreground', '--timeout=30s');
    await s.kubectl('delete', 'configmap', 'c', '--cascade=orphan', '--timeout=30s');
    const names = () => s.kubectl('get', 'secrets', '-o', 'name');
    await expect.poll(names, { timeout: 20_000 }).toBe('secret/of-c\n');
    expect(await s.kubectl('get', 'secret', 'of-c', '-o', 'jsonpath={.metadata.ownerReferences}')).toBe('');
  }, 90_000);

  test('finalizers delay the deletion of an object', async () => {
    const s = await session('finalizers');
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', finalizers: ['example.com/hold'] },
    };
    await server.run(['-n', 'finalizers', 'create', '-f', '-'], JSON.stringify(object));
    await s.kubectl('delete', 'configmap', 'held', '--wait=false');
    expect(
      await s.kubectl('get', 'configmap', 'held', '-o', 'jsonpath={.metadata.deletionTimestamp}'),
    ).not.toBe('');
    await s.kubectl('patch', 'configmap', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    expect(await s.fails('get', 'configmap', 'held')).toContain('not found');
  });
});

test('api-resources, api-versions, explain, wait, watch', async () => {
  expect(await run('api-resources', '--api-group=apps', '-o', 'name')).toBe(
    ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets']
      .map((name) => `${name}.apps\n`)
      .join(''),
  );
  expect((await run('api-versions')).split('\n')).toEqual(
    expect.arrayContaining(['apps/v1', 'batch/v1', 'v1']),
  );
  expect(await run('explain', 'deployment.spec.replicas')).toMatch(/FIELD: +replicas +<integer>/);
  const file = join(server.dataDir, 'cm.yaml');
  writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: waited, namespace: default}\n');
  const watch = server.spawn(['get', 'configmaps', '-n', 'default', '--watch-only', '-o', 'name']);
  let seen = '';
  watch.stdout?.on('data', (chunk) => {
    seen += chunk;
  });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await run('apply', '-f', file);
  await expect.poll(() => seen, { timeout: 10_000 }).toContain('configmap/waited');
  watch.kill();
  const waiting = run('wait', '--for=delete', 'configmap/waited', '-n', 'default', '--timeout=20s');
  // It prints nothing if the object is gone before it starts.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await run('delete', '-f', file);
  expect(await waiting).toContain('condition met');
}, 60_000);
