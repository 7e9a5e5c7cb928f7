import { describe, expect, test } from 'vitest';
import type { ClusterRole, ClusterRoleBinding } from '../../../shared/apis/rbac/v1/types.ts';
import { type BootstrapPolicy, bootstrapPolicy } from '../../../shared/authz/rbac/bootstrap/policy.ts';
import { reconcileBootstrapPolicy } from '../../../shared/authz/rbac/bootstrap/reconcile.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { featureEnabled } from '../../../shared/server/options/feature-gates.ts';
import facts from '../../facts/bootstrap-policy.json' with { type: 'json' };
import { MemoryResources } from '../../fixtures/memory-resources.ts';

const group = 'rbac.authorization.k8s.io';
const version = 'v1';
const clusterRoles = { group, version, resource: 'clusterroles' };
const clusterRoleBindings = { group, version, resource: 'clusterrolebindings' };

const gates = (featureGates: Record<string, string>) => {
  const given = { featureGates: new Map(Object.entries(featureGates)) };
  return (gate: string) => featureEnabled(given, gate);
};
const policy = bootstrapPolicy(gates({}));

/** An object as in upstream's test data: aggregated roles have `rules: null`. */
const asUpstream = (object: KubeObject) =>
  object.kind === 'ClusterRole' || object.kind === 'Role' ? { rules: null, ...object } : object;
const byKindAndName = (objects: readonly KubeObject[]) =>
  Object.fromEntries(
    objects.map((object) => [
      `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`,
      object,
    ]),
  );

describe("upstream's own test data", () => {
  test('every object, at default gates', () => {
    const objects = Object.values(policy).flat() as KubeObject[];
    expect(byKindAndName(objects.map(asUpstream))).toEqual(
      byKindAndName(facts.default as unknown as KubeObject[]),
    );
  });

  test('cluster roles, with every alpha and beta on', () => {
    const { clusterRoles: all } = bootstrapPolicy(gates({ AllAlpha: 'true', AllBeta: 'true' }));
    const own = all.filter(({ metadata }) => !metadata.name?.startsWith('system:controller:'));
    expect(byKindAndName((own as KubeObject[]).map(asUpstream))).toEqual(
      byKindAndName(facts.allGates as unknown as KubeObject[]),
    );
  });

  test('gated rules are enabled with their gate', () => {
    const named = (of: BootstrapPolicy) =>
      Object.values(of).flatMap((list: readonly KubeObject[]) =>
        list.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      );
    const name = 'system:controller:storage-version-migrator-controller';
    const on = bootstrapPolicy(gates({ StorageVersionMigrator: 'true' }));
    const off = bootstrapPolicy(gates({ StorageVersionMigrator: 'false' }));
    expect(named(on).filter((one) => !named(off).includes(one))).toEqual([
      `ClusterRole ${name}`,
      `ClusterRoleBinding ${name}`,
    ]);
  });
});

test('every binding refers to a role of the policy', () => {
  const names = new Set([
    ...policy.clusterRoles.map(({ metadata }) => `ClusterRole /${metadata.name}`),
    ...policy.roles.map(({ metadata }) => `Role ${metadata.namespace}/${metadata.name}`),
  ]);
  const dangling = [...policy.clusterRoleBindings, ...policy.roleBindings].filter(
    ({ metadata, roleRef }) =>
      !names.has(`${roleRef.kind} ${roleRef.kind === 'Role' ? metadata.namespace : ''}/${roleRef.name}`),
  );
  expect(dangling).toEqual([]);
  expect(policy.clusterRoles.find(({ metadata }) => metadata.name === 'system:basic-user')).toEqual({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: 'system:basic-user',
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    },
    rules: [
      {
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
  });
});

describe('reconcileBootstrapPolicy', () => {
  const size = Object.values(policy).flat().length;

  test('creates everything once', async () => {
    const resources = new MemoryResources();
    expect(await reconcileBootstrapPolicy(resources, policy)).toBe(size);
    expect(await reconcileBootstrapPolicy(resources, policy)).toBe(0);
    const namespaces = resources.writes.filter((write) => write.startsWith('create namespaces'));
    expect(namespaces.sort()).toEqual(['create namespaces kube-public', 'create namespaces kube-system']);
  });

  test('two concurrent starts', async () => {
    const resources = new MemoryResources();
    const written = await Promise.all([
      reconcileBootstrapPolicy(resources, policy),
      reconcileBootstrapPolicy(resources, policy),
    ]);
    expect(written[0]! + written[1]!).toBe(size);
    expect(await reconcileBootstrapPolicy(resources, policy)).toBe(0);
  });

  test("restores missing rules, and keeps users' additions", async () => {
    const resources = new MemoryResources();
    const { client } = resources;
    await reconcileBootstrapPolicy(resources, policy);
    const added = { verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'] };
    const role = await client.get<ClusterRole>(clusterRoles, { name: 'system:basic-user' });
    const labels = { mine: 'yes' };
    await client.update(clusterRoles, {
      ...role,
      metadata: { ...role.metadata, labels },
      rules: [role.rules![0]!, added],
    });
    const binding = await client.get<ClusterRoleBinding>(clusterRoleBindings, { name: 'cluster-admin' });
    const anna = { kind: 'User', apiGroup: group, name: 'anna' };
    await client.update(clusterRoleBindings, { ...binding, subjects: [anna] });

    expect(await reconcileBootstrapPolicy(resources, policy)).toBe(2);
    expect(await client.get(clusterRoles, { name: 'system:basic-user' })).toMatchObject({
      metadata: { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', mine: 'yes' } },
      rules: [role.rules![0]!, added, role.rules![1]!],
    });
    expect(await client.get(clusterRoleBindings, { name: 'cluster-admin' })).toMatchObject({
      subjects: [anna, binding.subjects![0]!],
    });
  });

  test('ignores opted-out objects, and recreates deleted ones', async () => {
    const resources = new MemoryResources();
    const { client } = resources;
    await reconcileBootstrapPolicy(resources, policy);
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
    const view = await client.get<ClusterRole>(clusterRoles, { name: 'system:discovery' });
    await client.update(clusterRoles, { ...view, metadata: { ...view.metadata, annotations }, rules: [] });
    const binding = await client.get<ClusterRoleBinding>(clusterRoleBindings, { name: 'system:discovery' });
    const roleRef = { ...binding.roleRef, name: 'view' };
    await client.update(clusterRoleBindings, {
      ...binding,
      metadata: { ...binding.metadata, annotations },
      roleRef,
    });
    await client.delete(clusterRoles, { name: 'view' });
    expect(await reconcileBootstrapPolicy(resources, policy)).toBe(1);
    expect((await client.get<ClusterRole>(clusterRoles, { name: 'system:discovery' })).rules).toEqual([]);
    expect(
      (await client.get<ClusterRoleBinding>(clusterRoleBindings, { name: 'system:discovery' })).roleRef.name,
    ).toBe('view');
  });

  test('recreates a binding whose role was changed', async () => {
    const resources = new MemoryResources();
    const { client } = resources;
    await reconcileBootstrapPolicy(resources, policy);
    const binding = await client.get<ClusterRoleBinding>(clusterRoleBindings, { name: 'system:basic-user' });
    const roleRef = { ...binding.roleRef, name: 'cluster-admin' };
    await client.update(clusterRoleBindings, { ...binding, roleRef });
    expect(await reconcileBootstrapPolicy(resources, policy)).toBe(1);
    const after = await client.get<ClusterRoleBinding>(clusterRoleBindings, { name: 'system:basic-user' });
    expect(after.roleRef.name).toBe('system:basic-user');
    expect(after.metadata.uid).not.toBe(binding.metadata.uid);
  });
});
