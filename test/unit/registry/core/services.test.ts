import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Service } from '../../../../shared/apis/core/v1/types.ts';
import type { IPAddressList } from '../../../../shared/apis/networking/v1/types.ts';
import { causesOf, TestClient, warningsOf } from '../../../fixtures/api-client.ts';
import { startTestServer, type TestServer } from '../../../fixtures/api-server.ts';

let server: TestServer;
const client = new TestClient(() => server);

beforeAll(async () => {
  server = await startTestServer({
    serviceClusterIPRange: '10.1.0.0/24,fd00:1::/112',
    serviceNodePortRange: { from: 30000, to: 30099 },
  });
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const SERVICES = '/api/v1/namespaces/default/services';
const ADDRESSES = '/apis/networking.k8s.io/v1/ipaddresses';
const PORTS = [{ port: 80 }];

const manifest = (name: string, spec: object) => ({
  kind: 'Service',
  apiVersion: 'v1',
  metadata: { name },
  spec: { ports: PORTS, ...spec },
});
const create = (name: string, spec: object = {}) => client.create<Service>(SERVICES, manifest(name, spec));
const patch = (name: string, spec: object) => client.patch<Service>(`${SERVICES}/${name}`, { spec });

async function addressesOf(service: string): Promise<string[]> {
  const { object } = await client.get<IPAddressList>(ADDRESSES);
  return (object.items ?? [])
    .filter(({ spec }) => spec.parentRef?.name === service)
    .map(({ metadata }) => metadata.name!);
}

describe('cluster IPs', () => {
  test('any address is an IPAddress object, deleted with the service', async () => {
    const { object } = await create('any');
    const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = object.spec;
    expect(clusterIP).toMatch(/^10\.1\.0\.\d+$/);
    expect({ clusterIPs, ipFamilies, ipFamilyPolicy }).toEqual({
      clusterIPs: [clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    expect((await client.get(`${ADDRESSES}/${clusterIP}`)).object).toMatchObject({
      metadata: {
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'any' } },
    });
    await client.delete(`${SERVICES}/any`);
    expect(await addressesOf('any')).toEqual([]);
  });

  test('a requested address', async () => {
    expect((await create('asked', { clusterIP: '10.1.0.7' })).object.spec).toMatchObject({
      clusterIP: '10.1.0.7',
      clusterIPs: ['10.1.0.7'],
    });
    const refused = {
      'taken-7': ['10.1.0.7', 'failed to allocate IP 10.1.0.7: provided IP is already allocated'],
      outside: [
        '10.2.0.1',
        'failed to allocate IP 10.2.0.1: the provided network does not match the current range',
      ],
      'the-network': [
        '10.1.0.0',
        'failed to allocate IP 10.1.0.0: the provided network does not match the current range',
      ],
      broadcast: [
        '10.1.0.255',
        'failed to allocate IP 10.1.0.255: the provided network does not match the current range',
      ],
    };
    for (const [name, [clusterIP, why]] of Object.entries(refused)) {
      const answer = await create(name, { clusterIP });
      expect(answer.status).toBe(422);
      expect(causesOf(answer)).toEqual([`spec.clusterIPs: Invalid value: ["${clusterIP}"]: ${why}`]);
    }
    await client.delete(`${SERVICES}/asked`);
    expect((await create('heir', { clusterIP: '10.1.0.7' })).status).toBe(201);
  });

  test('a rejected service allocates nothing', async () => {
    const answer = await create('refused', {
      clusterIP: '10.1.0.8',
      type: 'NodePort',
      ports: [{ port: 0, nodePort: 30008 }],
    });
    expect(answer.status).toBe(422);
    expect(await addressesOf('refused')).toEqual([]);
    expect(
      (
        await create('next', {
          clusterIP: '10.1.0.8',
          type: 'NodePort',
          ports: [{ port: 1, nodePort: 30008 }],
        })
      ).status,
    ).toBe(201);
  });

  test('a dry run allocates nothing', async () => {
    const answer = await client.create<Service>(
      `${SERVICES}?dryRun=All`,
      manifest('dry', { type: 'NodePort' }),
    );
    expect(answer.object.spec).toMatchObject({ clusterIP: '10.1.0.0', ports: [{ nodePort: 32768 }] });
    expect(await addressesOf('dry')).toEqual([]);
  });

  test('reapplying the manifest keeps the address', async () => {
    const { object } = await create('again', { type: 'NodePort' });
    const answer = await client.update<Service>(`${SERVICES}/again`, manifest('again', { type: 'NodePort' }));
    expect(answer.object.spec).toEqual(object.spec);
  });

  test('an address is immutable', async () => {
    await create('fixed', { clusterIP: '10.1.0.9' });
    const answer = await patch('fixed', { clusterIP: '10.1.0.10' });
    expect(causesOf(answer)).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.1.0.10"]: may not change once set',
    ]);
  });

  test('headless services have none', async () => {
    const { object } = await create('headless', { clusterIP: 'None', selector: { app: 'a' } });
    expect(object.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'] });
    const bare = await create('bare', { clusterIP: 'None' });
    expect(bare.object.spec).toMatchObject({
      ipFamilyPolicy: 'RequireDualStack',
      ipFamilies: ['IPv4', 'IPv6'],
    });
    expect(await addressesOf('headless')).toEqual([]);
  });

  test('the internal traffic policy of external names is validated, and not returned', async () => {
    const outside = { type: 'ExternalName', externalName: 'a.example' };
    const odd = await create('odd', { ...outside, internalTrafficPolicy: 'Odd' });
    expect(causesOf(odd)).toEqual([
      'spec.internalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
    ]);
    const { object } = await create('odd', { ...outside, internalTrafficPolicy: 'Local' });
    expect(object.spec.internalTrafficPolicy).toBeUndefined();
    await client.delete(`${SERVICES}/odd`);
  });

  test('external names have none, and get one when their type changes', async () => {
    const { object } = await create('external', { type: 'ExternalName', externalName: 'a.example' });
    expect(object.spec).toEqual({
      type: 'ExternalName',
      externalName: 'a.example',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
    });
    const inside = await patch('external', { type: 'ClusterIP', externalName: null });
    expect(inside.object.spec.clusterIP).toMatch(/^10\.1\.0\./);
    const outside = await patch('external', { type: 'ExternalName', externalName: 'b.example' });
    expect(outside.object.spec).not.toHaveProperty('clusterIP');
    expect(outside.object.spec).not.toHaveProperty('internalTrafficPolicy');
    expect(await addressesOf('external')).toEqual([]);
  });
});

describe('two families', () => {
  test('both on create', async () => {
    const { object } = await create('both', { ipFamilyPolicy: 'PreferDualStack' });
    expect(object.spec.clusterIPs).toEqual([
      expect.stringMatching(/^10\.1\.0\./),
      expect.stringMatching(/^fd00:1::/),
    ]);
    expect(object.spec.ipFamilies).toEqual(['IPv4', 'IPv6']);
    expect((await addressesOf('both')).sort()).toEqual([...object.spec.clusterIPs!].sort());
  });

  test('adding the second family, and removing it', async () => {
    const one = (await create('grows', { ipFamilies: ['IPv6'] })).object.spec;
    const two = (await patch('grows', { ipFamilyPolicy: 'RequireDualStack' })).object.spec;
    expect(two).toMatchObject({ clusterIP: one.clusterIP, ipFamilies: ['IPv6', 'IPv4'] });
    expect(two.clusterIPs).toHaveLength(2);
    const reduced = await patch('grows', { clusterIPs: [one.clusterIP] });
    expect(causesOf(reduced)).toEqual([
      `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be 'SingleStack' to release the secondary cluster IP`,
    ]);
    const back = (await patch('grows', { ipFamilyPolicy: 'SingleStack' })).object.spec;
    expect(back).toMatchObject({ clusterIPs: [one.clusterIP], ipFamilies: ['IPv6'] });
    expect(await addressesOf('grows')).toEqual([one.clusterIP]);
  });

  test('families that the cluster lacks', async () => {
    const single = await startTestServer();
    const own = new TestClient(() => single);
    const answer = await own.create(
      SERVICES,
      manifest('x', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] }),
    );
    expect(causesOf(answer)).toEqual([
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ]);
    await single.close();
  });
});

describe('node ports', () => {
  test('any, a requested one, and one shared by two protocols', async () => {
    const { object } = await create('ports', {
      type: 'NodePort',
      ports: [
        { name: 'any', port: 1 },
        { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30003 },
        { name: 'dns-tcp', port: 53 },
      ],
    });
    expect(object).toMatchObject({ kind: 'Service' });
    const [any, udp, tcp] = object.spec.ports!.map(({ nodePort }) => nodePort!);
    expect([udp, tcp]).toEqual([30003, 30003]);
    expect(any).toBeGreaterThanOrEqual(30016);
    expect(any).toBeLessThanOrEqual(30099);
  });

  test('taken, and out of range', async () => {
    await create('owner', { type: 'NodePort', ports: [{ port: 80, nodePort: 30004 }] });
    const taken = await create('thief', { type: 'NodePort', ports: [{ port: 80, nodePort: 30004 }] });
    expect(causesOf(taken)).toEqual([
      'spec.ports[0].nodePort: Invalid value: 30004: provided port is already allocated',
    ]);
    const outside = await create('outside', { type: 'NodePort', ports: [{ port: 80, nodePort: 30100 }] });
    expect(causesOf(outside)).toEqual([
      'spec.ports[0].nodePort: Invalid value: 30100: provided port is not in the valid range. The range of valid ports is 30000-30099',
    ]);
    expect(await addressesOf('thief')).toEqual([]);
  });

  test('are released when the type changes', async () => {
    await create('changes', { type: 'NodePort', ports: [{ port: 80, nodePort: 30005 }] });
    const { object } = await patch('changes', { type: 'ClusterIP' });
    expect(object.spec.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    expect(
      (await create('heir-5', { type: 'NodePort', ports: [{ port: 80, nodePort: 30005 }] })).status,
    ).toBe(201);
  });

  test('load balancers: health check ports, and no node ports if disabled', async () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30006 };
    expect((await create('local', local)).object.spec.healthCheckNodePort).toBe(30006);
    expect(causesOf(await create('local-2', local))).toEqual([
      'spec.healthCheckNodePort: Invalid value: 30006: failed to allocate requested HealthCheck NodePort 30006: provided port is already allocated',
    ]);
    const cluster = await patch('local', { externalTrafficPolicy: 'Cluster' });
    expect(cluster.object.spec).not.toHaveProperty('healthCheckNodePort');
    expect((await create('local-2', local)).status).toBe(201);
    const without = await create('portless', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false });
    expect(without.object.spec.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    await create('balanced', { type: 'LoadBalancer', ports: PORTS });
    const given = await client.get<Service>(`${SERVICES}/balanced`);
    expect(given.object.spec.ports![0]!.nodePort).toBeGreaterThan(0);
    const spec = { type: 'LoadBalancer', ports: PORTS, allocateLoadBalancerNodePorts: false };
    const sent = await client.update<Service>(`${SERVICES}/balanced`, { ...given.object, spec });
    expect([sent.status, sent.object.spec.ports]).toEqual([
      200,
      [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    ]);
  });

  test('a status update changes neither addresses nor ports', async () => {
    const { object } = await create('stable', { type: 'NodePort' });
    const status = { loadBalancer: {} };
    const stale = { ...object, spec: { ports: PORTS, type: 'ClusterIP' }, status };
    const answer = await client.update<Service>(`${SERVICES}/stable/status`, stale);
    expect(answer.object.spec).toEqual(object.spec);
    const port = object.spec.ports![0]!.nodePort;
    expect((await create('envious', { type: 'NodePort', ports: [{ port: 1, nodePort: port }] })).status).toBe(
      422,
    );
  });
});

test('ignored fields cause a warning', async () => {
  const spec = { clusterIP: 'None', loadBalancerIP: '010.0.0.1', externalName: 'x.y' };
  expect(warningsOf(await create('warned', spec))).toEqual([
    'spec.loadBalancerIP is ignored for headless services',
    'spec.loadBalancerIP: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ]);
});

test('a service is deleted with its endpoints', async () => {
  await create('with-endpoints');
  const endpoints = '/api/v1/namespaces/default/endpoints';
  await client.create(endpoints, {
    kind: 'Endpoints',
    apiVersion: 'v1',
    metadata: { name: 'with-endpoints' },
  });
  await client.delete(`${SERVICES}/with-endpoints`);
  expect((await client.get(`${endpoints}/with-endpoints`)).status).toBe(404);
});
