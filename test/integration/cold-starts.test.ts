/** The first requests of a new tenant arrive concurrently at functions that all start: each gets a response. */

import { afterEach, describe, expect, test } from 'vitest';
import { type Answer, type DeployedTenant, deployTenant } from '../fixtures/gateway.ts';
import { Random } from '../fixtures/random.ts';

const TOKEN = 'admin-token';

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly status: number;
}

/** The n-th client's request: all tiers, reads and writes. */
function askOf(n: number): Ask {
  const asks: Ask[] = [
    { method: 'GET', path: '/api/v1/namespaces/default/services/kubernetes', status: 200 },
    {
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `of-${n}` } },
      status: 201,
    },
    { method: 'GET', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', status: 200 },
    { method: 'GET', path: '/apis/apiregistration.k8s.io/v1/apiservices/v1.', status: 200 },
  ];
  return asks[n % asks.length]!;
}

const BORN = [
  '/api/v1/namespaces',
  '/api/v1/services',
  '/apis/networking.k8s.io/v1/ipaddresses',
  '/apis/networking.k8s.io/v1/servicecidrs',
  '/apis/scheduling.k8s.io/v1/priorityclasses',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/rbac.authorization.k8s.io/v1/roles',
  '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
  '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
  '/apis/apiregistration.k8s.io/v1/apiservices',
];

let tenant: DeployedTenant | undefined;
afterEach(async () => {
  await tenant?.close();
  tenant = undefined;
});

let tenants = 0;
async function newTenant(): Promise<DeployedTenant> {
  const name = `cold-${process.pid}-${++tenants}`;
  return deployTenant({
    tenant: name,
    parameters: {
      ServerArguments: `--authorization-mode=RBAC --token-auth-file=/zeroplane/${name}/files/tokens.csv`,
    },
    files: { 'tokens.csv': `${TOKEN},admin,1,system:masters\n` },
    maxTimeoutSeconds: 60,
  });
}

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly namespace?: string; readonly name: string };
    readonly spec?: { readonly clusterIP?: string };
  }[];
}

/** Names of the initial objects of a cluster, and the address of its service. */
async function born({ request }: DeployedTenant): Promise<string[]> {
  const names: string[] = [];
  for (const path of BORN) {
    const { items } = JSON.parse((await request(TOKEN, 'GET', path)).text) as Listed;
    for (const { metadata, spec } of items) {
      names.push([path, metadata.namespace, metadata.name, spec?.clusterIP].filter(Boolean).join(' '));
    }
  }
  return names.sort();
}

/** Retries as client-go does as long as the server sends Retry-After; any other error is returned. */
async function asClient(send: () => Promise<Answer>): Promise<Answer> {
  for (let left = 10; ; left -= 1) {
    const answer = await send();
    const seconds = answer.headers['retry-after'];
    if (answer.status !== 503 || seconds === undefined || left === 0) return answer;
    await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
  }
}

describe('concurrent cold starts', () => {
  let alone: string[];

  test.each([1, 8])(
    '%i of them',
    async (count) => {
      tenant = await newTenant();
      const { request } = tenant;
      const random = new Random(count);
      const answers = await Promise.all(
        Array.from({ length: count }, async (_, n) => {
          await new Promise((resolve) => setTimeout(resolve, random.next() * 500));
          const { method, path, body, status } = askOf(n);
          const answer = await asClient(() => request(TOKEN, method, path, body));
          return answer.status === status ? 'well' : `${method} ${path}: ${answer.status} ${answer.text}`;
        }),
      );
      expect(answers).toEqual(Array<string>(count).fill('well'));
      const state = await born(tenant);
      alone ??= state;
      expect(state).toEqual(alone);
      expect(state).toContain('/api/v1/services default kubernetes 10.0.0.1');
    },
    180_000,
  );
});
