/** Status conditions that the server sets on objects it reads itself: FlowSchemas, ServiceCIDRs. */

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const SCHEMAS = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';
const LEVELS = '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations';
const CIDRS = '/apis/networking.k8s.io/v1/servicecidrs';
const SERVICES = '/api/v1/namespaces/default/services';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ serviceClusterIPRange: '10.0.0.0/24' });
});
afterAll(() => server.close());
afterEach(() => vi.useRealTimers());

interface Found {
  readonly metadata: { readonly finalizers?: string[]; readonly managedFields: { manager: string }[] };
  readonly status: { readonly conditions?: { lastTransitionTime?: string }[] };
}

/** Runs all controllers once. */
const reconcile = async () => expect(await server.reconcile({ patienceMs: 0 })).toEqual([]);

async function make(path: string, name: string, spec: object): Promise<void> {
  const { status, json } = await call(server, 'POST', path, { body: { metadata: { name }, spec } });
  expect([status, json?.['message']]).toEqual([201, undefined]);
}

const remove = async (path: string) => expect((await call(server, 'DELETE', path)).status).toBe(200);

async function found(path: string): Promise<Found | undefined> {
  const { status, json } = await call(server, 'GET', path);
  return status === 404 ? undefined : (json as unknown as Found);
}

/** Conditions without their times. */
async function conditions(path: string): Promise<object[] | undefined> {
  const { status } = (await found(path)) ?? {};
  return status?.conditions?.map(({ lastTransitionTime, ...condition }) => {
    expect(Date.parse(lastTransitionTime ?? '')).toBeGreaterThan(0);
    return condition;
  });
}

const dangling = (level: string, isThere: boolean) => [
  {
    type: 'Dangling',
    status: isThere ? 'False' : 'True',
    reason: isThere ? 'Found' : 'NotFound',
    message: `This FlowSchema references the PriorityLevelConfiguration object named "${level}" ${isThere ? 'and it exists' : 'but there is no such object'}`,
  },
];

test('a FlowSchema dangles until its priority level exists', async () => {
  await make(SCHEMAS, 'mine', { priorityLevelConfiguration: { name: 'later' }, matchingPrecedence: 5 });
  await reconcile();
  expect(await conditions(`${SCHEMAS}/catch-all`)).toEqual(dangling('catch-all', true));
  expect(await conditions(`${SCHEMAS}/mine`)).toEqual(dangling('later', false));
  await make(LEVELS, 'later', { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } });
  await reconcile();
  expect(await conditions(`${SCHEMAS}/mine`)).toEqual(dangling('later', true));
  await remove(`${LEVELS}/later`);
  await reconcile();
  expect(await conditions(`${SCHEMAS}/mine`)).toEqual(dangling('later', false));
  const { metadata } = (await found(`${SCHEMAS}/mine`))!;
  expect(metadata.managedFields).toContainEqual(
    expect.objectContaining({
      manager: 'api-priority-and-fairness-config-consumer-v1',
      operation: 'Apply',
      subresource: 'status',
    }),
  );
});

const READY = { type: 'Ready', status: 'True', reason: '' };
const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';

test("the server's own ServiceCIDR is ready, and recreated after its deletion", async () => {
  // Part of the server: it runs regardless of which of kube-controller-manager's controllers are disabled.
  const plane = await startTestServer({ serviceClusterIPRange: '10.0.0.0/24' }, { controllers: ['-*'] });
  const ready = { ...READY, message: 'Kubernetes default Service CIDR is ready' };
  const look = async () => {
    const { json } = await call(plane, 'GET', `${CIDRS}/kubernetes`);
    const { metadata, status, spec } = json as { metadata: { uid: string }; status: unknown; spec: unknown };
    expect({ spec, status }).toMatchObject({
      spec: { cidrs: ['10.0.0.0/24'] },
      status: { conditions: [ready] },
    });
    return metadata.uid;
  };
  try {
    const uid = await vi.waitFor(look, { timeout: 20_000 });
    await call(plane, 'DELETE', `${CIDRS}/kubernetes`);
    expect(await vi.waitFor(look, { timeout: 20_000 })).not.toBe(uid);
  } finally {
    await plane.close();
  }
});

test('a ServiceCIDR is kept while a Service has an address that no other range contains', async () => {
  await make(CIDRS, 'extra', { cidrs: ['10.1.0.0/24'] });
  await reconcile();
  const ready = [{ ...READY, message: 'Kubernetes Service CIDR is ready' }];
  expect(await conditions(`${CIDRS}/kubernetes`)).toEqual(ready);
  expect(await conditions(`${CIDRS}/extra`)).toEqual(ready);
  expect((await found(`${CIDRS}/extra`))?.metadata.finalizers).toEqual([FINALIZER]);
  await make(SERVICES, 'held', { clusterIP: '10.1.0.5', ports: [{ port: 80 }] });
  await remove(`${CIDRS}/extra`);
  await reconcile();
  expect(await conditions(`${CIDRS}/extra`)).toEqual([
    {
      type: 'Ready',
      status: 'False',
      reason: 'Terminating',
      message:
        'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
    },
  ]);
  await make(CIDRS, 'around', { cidrs: ['10.1.0.0/16'] });
  await reconcile();
  // Other processes may still allocate addresses for a few seconds.
  expect(await found(`${CIDRS}/extra`)).toBeDefined();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11_000 });
  await reconcile();
  expect(await found(`${CIDRS}/extra`)).toBeUndefined();
  await remove(`${CIDRS}/around`);
  await reconcile();
  expect(await found(`${CIDRS}/around`)).toBeDefined();
  await remove(`${SERVICES}/held`);
  vi.setSystemTime(Date.now() + 11_000);
  await reconcile();
  expect(await found(`${CIDRS}/around`)).toBeUndefined();
});
