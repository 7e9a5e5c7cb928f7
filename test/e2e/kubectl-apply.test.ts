import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../shared/meta/kube-object.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';
import { allSamples } from '../fixtures/samples.ts';

let server: LocalServer;
beforeAll(async () => {
  // kubectl's apply sets are alpha.
  process.env['KUBECTL_APPLYSET'] = 'true';
  server = await startLocalServer();
});
afterAll(() => server.stop());

/** kubectl in a new namespace. */
async function session(name: string) {
  await server.run(['create', 'namespace', name]);
  return {
    run: (args: string, manifest?: string) => server.run(['-n', name, ...args.split(' ')], manifest),
    kubectl: (args: string, manifest?: string) => server.kubectl(['-n', name, ...args.split(' ')], manifest),
    json: async (args: string) =>
      JSON.parse(await server.run(['-n', name, ...args.split(' '), '-o', 'json'])) as Deployment,
  };
}

interface Deployment extends KubeObject {
  readonly spec: { readonly replicas: number };
}

const managersOf = ({ metadata }: KubeObject) =>
  (metadata.managedFields ?? []).map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter(Boolean).join('/'),
  );

const deployment = (replicas: number | undefined, image = 'nginx:1') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  ${replicas === undefined ? '' : `replicas: ${replicas}`}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "${image}"}]}
`;

test('every kind is applied server-side; a repeated apply changes nothing', async () => {
  const served = (await server.run(['api-resources', '--no-headers'])).split('\n').map((line) => {
    const [kind, , apiVersion] = line.trim().split(/ +/).reverse();
    return `${apiVersion}/${kind}`;
  });
  // Reviews are not stored; events of both groups are the same objects.
  const objects = allSamples().filter(
    ({ apiVersion, kind }) => served.includes(`${apiVersion}/${kind}`) && apiVersion !== 'events.k8s.io/v1',
  );
  expect(objects.length).toBeGreaterThan(50);
  const path = join(server.dataDir, 'samples.json');
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const apply = async () => {
    const text = await server.run(['apply', '--server-side', '-f', path, '-o', 'json']);
    const { items } = JSON.parse(text) as { items: KubeObject[] };
    return items.map(({ kind, metadata }) => `${kind} ${metadata.resourceVersion}`);
  };
  let before = await apply();
  expect(before.length).toBe(objects.length);
  const changesNothing = async () => {
    const now = await apply();
    const isSame = isDeepStrictEqual(now, before);
    before = now;
    return isSame;
  };
  await expect.poll(changesNothing, { timeout: 20_000, interval: 500 }).toBe(true);
  const { code, stdout } = await server.kubectl(['diff', '--server-side', '-f', path]);
  expect([code, stdout]).toEqual([0, '']);
});

describe('from client-side apply to server-side apply, and back', () => {
  test('kubectl takes over fields it set, others conflict with it', async () => {
    const s = await session('migration');
    await s.run('apply -f -', deployment(2));
    expect(await s.run('apply --server-side -f -', deployment(3))).toBe(
      'deployment.apps/web serverside-applied\n',
    );
    const migrated = await s.json('get deployment web --show-managed-fields');
    expect([migrated.spec.replicas, managersOf(migrated).sort()]).toEqual([
      3,
      ['kubectl-last-applied/Apply', 'kubectl/Apply'],
    ]);
    // The annotation is updated, so that a later client-side apply knows what to remove.
    expect(await s.run('apply view-last-applied deployment web')).toContain('replicas: 3');
    await s.run('apply -f -', deployment(undefined));
    expect((await s.json('get deployment web')).spec.replicas).toBe(1);

    const { code, stderr } = await s.kubectl(
      'apply --server-side --field-manager=other -f -',
      deployment(undefined, 'nginx:2'),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('.spec.template.spec.containers[name="c"].image');
  });

  test('last-applied configurations are shown, set and edited', async () => {
    const s = await session('last-applied');
    await s.run('create -f -', deployment(2));
    const path = join(server.dataDir, 'web.yaml');
    writeFileSync(path, deployment(2, 'nginx:2'));
    const { code } = await s.kubectl(`apply set-last-applied -f ${path}`);
    expect(code).toBe(1);
    await s.run(`apply set-last-applied --create-annotation -f ${path}`);
    expect(await s.run('apply view-last-applied deployment web')).toContain('image: nginx:2');
    // Only applied fields are compared: the image is changed, all else is kept.
    await s.run('apply -f -', deployment(undefined, 'nginx:3'));
    expect((await s.json('get deployment web')).spec.replicas).toBe(1);
  });
});

const OBJECTS = ['ConfigMap a', 'ConfigMap b', 'Secret s'];
const manifest = (...objects: string[]) =>
  objects
    .map((object) => object.split(' '))
    .map(([kind, name]) => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, labels: {set: x}}\n`)
    .join('---\n');

describe('prune', () => {
  test('objects that left an apply set are deleted', async () => {
    const s = await session('applyset');
    const prune = async (...objects: string[]) => {
      const args = ['-n', 'applyset', 'apply', '--prune', '--applyset=set', '--server-side', '-f', '-'];
      return server.run(args, manifest(...objects));
    };
    await prune(...OBJECTS);
    const pruned = await prune('ConfigMap a');
    // kubectl searches all kinds concurrently for objects to prune.
    expect(pruned.trimEnd().split('\n').sort()).toEqual([
      'configmap/a serverside-applied',
      'configmap/b pruned',
      'secret/s pruned',
    ]);
    expect(await s.run('get secrets -o name')).toBe('secret/set\n');
  });

  test('selected objects missing from the manifest are deleted', async () => {
    const s = await session('selected');
    await s.run('apply -f -', manifest(...OBJECTS));
    const pruned = await s.run(
      'apply --prune -l set=x --prune-allowlist=core/v1/ConfigMap -f -',
      manifest('ConfigMap a', 'Secret s'),
    );
    expect(pruned).toContain('configmap/b pruned\n');
    expect(await s.run('get configmaps,secrets -l set=x -o name')).toBe('configmap/a\nsecret/s\n');
  });
});

test('an autoscaler and a user share a deployment: an apply without replicas does not reset them', async () => {
  const s = await session('fight');
  await s.run('apply --server-side --field-manager=user -f -', deployment(3));
  await s.run('scale deployment web --replicas=5');
  const scaled = await s.json('get deployment web --show-managed-fields');
  expect([scaled.spec.replicas, managersOf(scaled).sort()]).toEqual([
    5,
    ['kubectl/Update/scale', 'user/Apply'],
  ]);
  const again = await s.kubectl('apply --server-side --field-manager=user -f -', deployment(3));
  expect([again.code, again.stderr.split('\n')[0]]).toEqual([
    1,
    'error: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
  ]);
  await s.run('apply --server-side --field-manager=user -f -', deployment(undefined, 'nginx:2'));
  expect((await s.json('get deployment web')).spec.replicas).toBe(5);
  await s.run('apply --server-side --field-manager=user --force-conflicts -f -', deployment(3, 'nginx:2'));
  const forced = await s.json('get deployment web --show-managed-fields');
  expect([forced.spec.replicas, managersOf(forced)]).toEqual([3, ['user/Apply']]);
});

describe('rejected configurations', () => {
  test.each([
    ['strict', 'true'],
    ['warn', 'warn'],
    ['ignore', 'false'],
  ])('an unknown field, validation %s', async (name, validation) => {
    const s = await session(`unknown-${name}`);
    const { code, stderr } = await s.kubectl(
      `apply --server-side --validate=${validation} -f -`,
      deployment(1).replace('spec:', 'spec:\n  foo: 1'),
    );
    expect([code, stderr.trim()]).toEqual([
      1,
      'Error from server: failed to create typed patch object (unknown-' +
        `${name}/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema`,
    ]);
  });
});
