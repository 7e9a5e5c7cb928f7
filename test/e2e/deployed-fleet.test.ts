/** A fleet deployed by fleet.yaml: the functions' bundles, the table's stream, IAM's decisions, kubectl. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { itemsOf, TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import { ask, type DeployedFleet, startDeployedFleet } from '../fixtures/deployed-fleet.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';
import { PRIVILEGED, podSecurity } from '../fixtures/pod-security.ts';
import { testDynamoDBEndpoint } from '../fixtures/storage.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const namespace = (name: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

describe('a fleet by paths', () => {
  let fleet: DeployedFleet;
  beforeAll(async () => {
    fleet = await startDeployedFleet();
  });
  afterAll(() => fleet.close());

  test('creates, serves and deletes tenants, each with isolated credentials', async () => {
    const acme = await fleet.create('acme', {
      admins: [{ user: 'ada' }],
      admission: podSecurity('restricted'),
    });
    const other = await fleet.create('acme-2');
    expect((await fleet.run(['get', 'controlplanes'])).split('\n').map((line) => line.split(/\s+/))).toEqual([
      ['NAME', 'VERSION', 'READY', 'REASON', 'ENDPOINT', 'AGE'],
      ...['acme', 'acme-2'].map((name) => [
        ...[name, expect.any(String), 'True', 'Available', `${fleet.gateway.url}/tenants/${name}`],
        expect.any(String),
      ]),
      [''],
    ]);
    expect(await acme.run(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe(
      'system:serviceaccount:kube-system:zeroplane-admin',
    );
    await acme.run(['apply', '-f', '-'], namespace('shop'));
    await acme.run(['-n', 'shop', 'create', 'configmap', 'c', '--from-literal=a=b']);
    expect(await other.run(['get', 'namespaces', '-o', 'name'])).not.toContain('shop');

    // Its configuration is in effect in every environment, also after a change.
    const pod = async ({ kubectl }: typeof acme) => (await kubectl(['create', '-f', '-'], PRIVILEGED)).stderr;
    expect(await pod(acme)).toContain('violates PodSecurity "restricted:latest"');
    expect(await pod(other)).not.toContain('PodSecurity');
    const patch = JSON.stringify({ spec: { admission: podSecurity('baseline') } });
    await fleet.run(['patch', 'controlplane', 'acme', '--type=merge', '-p', patch]);
    await expect
      .poll(() => pod(acme), { timeout: 30_000 })
      .toContain('violates PodSecurity "baseline:latest"');

    // The stream invokes its controllers: a service account appears, a namespace is removed.
    await expect
      .poll(async () => (await acme.kubectl(['-n', 'shop', 'get', 'serviceaccount', 'default'])).code, {
        timeout: 20_000,
      })
      .toBe(0);
    await acme.run(['delete', 'namespace', 'shop', '--timeout=40s']);

    // A tenant's token is invalid for other tenants and for the management plane.
    const tries = [
      ['/tenants/acme-2/api', acme.token],
      ['/tenants/acme/api', other.token],
      ['/api', acme.token],
    ] as const;
    for (const [path, token] of tries) {
      expect(await ask(fleet, { path, token })).toMatchObject({
        status: 401,
        text: expect.stringContaining('"message":"Unauthorized"'),
      });
    }

    const { calls } = fleet.access;
    expect(calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
    const tenants = new Set(calls.map(({ tenant }) => tenant));
    expect([...tenants].map((id) => id?.split('.')[0])).toEqual(
      expect.arrayContaining([undefined, 'acme', 'acme-2']),
    );
    // A process that serves both tenants has requested credentials for each separately.
    for (const { role, tenant, context } of calls) {
      for (const key of context['dynamodb:LeadingKeys'] ?? []) {
        if (role === 'TenantRole') expect(key.split('#')[0]).toBe(tenant);
        else expect(key).toMatch(/^(#counts\/.*|#directory|#due|#hints|#shares\/.*|#usage|fleet#.*)$/);
      }
    }

    const { id, table } = JSON.parse(
      await fleet.run(['get', 'controlplane', 'acme', '-o', 'jsonpath={.status.storage}']),
    ) as { id: string; table: string };
    await fleet.run(['delete', 'controlplane', 'acme', '--timeout=60s']);
    expect(await ask(fleet, { path: '/tenants/acme/api', token: acme.token })).toMatchObject({ status: 401 });
    const direct = new SDKDynamoDBTable({ endpoint: await testDynamoDBEndpoint(), tableName: table });
    const rows = new TenantTable(direct, id);
    const left: string[] = [];
    for (const pk of await rows.partitions()) {
      for await (const { sk } of itemsOf(rows, pk)) left.push(`${pk} ${sk}`);
    }
    expect(left).toEqual([]);
    direct.close();
    expect(await other.run(['get', 'namespace', 'default', '-o', 'name'])).toBe('namespace/default\n');
  });

  test('a watch delivers writes of another environment', async () => {
    const tenant = await fleet.create('watched');
    const watch = spawn(kubectlPath(), [
      `--kubeconfig=${tenant.kubeconfig}`,
      `--certificate-authority=${join(fleet.folder, 'pki/ca.crt')}`,
      ...['get', 'configmaps', '--watch-only', '-o', 'name'],
    ]);
    try {
      const seen = once(watch.stdout, 'data');
      let chunk: unknown;
      // The watch may begin after some of them.
      for (let n = 0; chunk === undefined && n < 20; n++) {
        await tenant.run(['create', 'configmap', `seen-${n}`]);
        chunk = await Promise.race([seen, setTimeout(2_000)]);
      }
      expect(String(chunk)).toContain('configmap/');
    } finally {
      watch.kill();
    }
  });

  test('the schedule processes due work of a tenant, and then stops', async () => {
    // Controllers also maintain keys with the tenant's credentials, as its object specifies.
    const spec = JSON.stringify({ spec: { signingAuthority: 2, oldestAuthority: 2, signingKey: 2 } });
    await fleet.run(['patch', 'controlplane', 'watched', '--type=merge', '-p', spec]);
    await fleet.run([
      ...['wait', 'controlplane/watched', '--for=jsonpath={.status.observedGeneration}=2', '--timeout=30s'],
    ]);
    await fleet.tick();
    expect(fleet.access.calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
  });
});
