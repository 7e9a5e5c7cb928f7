/**
 * A fleet below a domain, with watches on a host that serves many concurrent requests, run as by a Web Function's
 * runtime.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { WebFunction } from '../../infra/emulator/web-function.ts';
import { HINTS } from '../../shared/storage/dynamodb/hint-board.ts';
import {
  ask,
  type DeployedFleet,
  type DeployedFleetTenant,
  send,
  startDeployedFleet,
  WITH_HOST,
} from '../fixtures/deployed-fleet.ts';
import { helmPath, kubectlPath } from '../fixtures/kubectl.ts';
import { runCommand } from '../fixtures/run-command.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const DOMAIN = 'k8s.example.test';
const lines: Record<string, unknown>[] = [];
let fleet: DeployedFleet;
let host: WebFunction;
let tenants: readonly DeployedFleetTenant[];
let chart: string;
const TEMPLATE = `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-config}
`;
beforeAll(async () => {
  fleet = await startDeployedFleet({
    parameters: { ...WITH_HOST, DomainName: DOMAIN, CertificateArn: 'arn:aws:acm:::x' },
    onLog: (name, line) => lines.push({ from: name, ...JSON.parse(line) }),
  });
  host = fleet.gateway.webFunctions.get('Host')!;
  tenants = await fleet.createAll(['acme', 'other']);
  chart = join(fleet.folder, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: demo\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'templates/all.yaml'), TEMPLATE);
});
afterAll(() => fleet.close());

/** A watch by kubectl, which begins after its list with later events. */
function watch({ args }: DeployedFleetTenant) {
  const child = spawn(kubectlPath(), [...args, ...['get', 'configmaps', '--watch', '-o', 'name']]);
  const said: AsyncIterableIterator<string> = createInterface({ input: child.stdout })[
    Symbol.asyncIterator
  ]();
  return {
    /** Resolves when it has reported an object of that name. */
    tells: async (name: string): Promise<boolean> => {
      for (;;) {
        const { value, done } = await said.next();
        if (done) return false;
        if (value === `configmap/${name}`) return true;
      }
    },
    ended: once(child, 'exit'),
    kill: () => child.kill(),
  };
}

test('functions write, and the host notifies watchers: many tenants and requests in one environment', async () => {
  const two = tenants.slice(0, 2);
  const watched = [...two, ...two];
  const watches = watched.map(watch);
  await Promise.all(two.map((tenant) => tenant.run(['create', 'configmap', `of-${tenant.name}`])));
  const told = await Promise.all(watches.map(({ tells }, i) => tells(`of-${watched[i]!.name}`)));
  expect(told).toEqual([true, true, true, true]);
  expect(host.environments()).toBe(1);
  for (const { kill } of watches) kill();
  const served = lines.filter(({ message, verb }) => message === 'request' && verb !== undefined);
  const verbs = (isHost: boolean) =>
    new Set(served.filter(({ from }) => (from === 'Host') === isHost).map(({ verb }) => verb));
  // Requests in progress have not been logged yet.
  expect(verbs(true)).toEqual(new Set(['get', 'list']));
  expect(verbs(false)).toEqual(new Set(['create']));
  expect(fleet.access.calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

/** A manager with one informer and one reconciler: annotates the objects it sees with the name of its tenant. */
async function manage({ name, token }: DeployedFleetTenant): Promise<() => void> {
  const path = `/tenants/${name}/api/v1/configmaps`;
  const more = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const response = await send(fleet, { path: `${path}?${more}`, token });
  expect(response.statusCode).toBe(200);
  const reconcile = async () => {
    for await (const line of createInterface({ input: response })) {
      const { type, object } = JSON.parse(line);
      if (type === 'BOOKMARK' || object.metadata.annotations?.manager === name) continue;
      const { namespace, name: of } = object.metadata;
      await ask(fleet, {
        method: 'PATCH',
        path: `/tenants/${name}/api/v1/namespaces/${namespace}/configmaps/${of}`,
        token,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { metadata: { annotations: { manager: name } } },
      });
    }
  };
  // Ends with its connection.
  reconcile().catch(() => undefined);
  return () => response.destroy();
}

test('kubectl, Helm and managers use tenants of one fleet concurrently and in isolation', async () => {
  const managers = await Promise.all(tenants.map(manage));
  const env = { ...process.env, HOME: fleet.folder };
  const install = async ({ name, kubeconfig }: DeployedFleetTenant) => {
    const where = [`--kubeconfig=${kubeconfig}`, `--kube-ca-file=${join(fleet.folder, 'pki/ca.crt')}`];
    const server = `--kube-apiserver=${fleet.gateway.url}/tenants/${name}`;
    const { stderr } = await runCommand(helmPath(), ['install', name, chart, ...where, server], {
      env,
      input: '',
    });
    expect([name, stderr]).toEqual([name, '']);
  };
  // In sequence: cold starts for several concurrent requests take longer here.
  for (const tenant of tenants) await install(tenant);
  const marks = '{range .items[*]}{.metadata.name}={.metadata.annotations.manager} {end}';
  const seen = async ({ name, run }: DeployedFleetTenant) => {
    const told = await run(['get', 'configmaps', '-o', `jsonpath=${marks}`]);
    return told.split(' ').filter((mark) => mark.includes('-config') && mark.startsWith(name));
  };
  for (const tenant of tenants) {
    await expect
      .poll(() => seen(tenant), { timeout: 30_000 })
      .toEqual([`${tenant.name}-config=${tenant.name}`]);
  }
  for (const end of managers) end();
  expect(host.environments()).toBe(1);
  expect(fleet.access.calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

test('a tenant with a throttled partition gets a retry hint, and others are unaffected', async () => {
  const id = await fleet.run(['get', 'controlplane', 'acme', '-o', 'jsonpath={.status.storage.id}']);
  const maps = '/api/v1/namespaces/default/configmaps';
  const answers = async ({ name, token }: DeployedFleetTenant) => {
    const path = `/tenants/${name}${maps}`;
    const asked = [
      { path: `${path}/of-${name}` },
      { method: 'POST', path, body: { metadata: { name: `more-${throttles}` } } },
    ].map(async (one) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await ask(fleet, { ...one, token, headers });
      return [answer.status, answer.headers['retry-after']];
    });
    return await Promise.all(asked);
  };
  let throttles = 0;
  const [acme, other] = tenants as [DeployedFleetTenant, DeployedFleetTenant];
  fleet.access.throttled.add(id);
  try {
    expect(await Promise.all([answers(acme), answers(other)])).toEqual([
      [
        [429, expect.stringMatching(/^[12]$/)],
        [429, expect.stringMatching(/^[12]$/)],
      ],
      [
        [200, undefined],
        [201, undefined],
      ],
    ]);
  } finally {
    fleet.access.throttled.delete(id);
  }
  await expect
    .poll(
      async () => {
        throttles++;
        return (await answers(acme)).map(([status]) => status);
      },
      { timeout: 30_000 },
    )
    .toEqual([200, 201]);
});

test('a host with hints reads no log between writes', async () => {
  const [tenant] = tenants as [DeployedFleetTenant];
  const watching = watch(tenant);
  expect(await watching.tells('of-acme')).toBe(true);
  const id = await fleet.run(['get', 'controlplane', tenant.name, '-o', 'jsonpath={.status.storage.id}']);
  const log = `${id}#/registry/core/configmaps#log`;
  const keysOf = (action: string) =>
    fleet.access.calls
      .filter((call) => call.action === action)
      .flatMap(({ context }) => context['dynamodb:LeadingKeys'] ?? []);
  const lastReads = () =>
    keysOf('dynamodb:Query')
      .filter((key) => key === log || key === HINTS)
      .slice(-5);
  await expect.poll(lastReads, { timeout: 30_000 }).toEqual([HINTS, HINTS, HINTS, HINTS, HINTS]);
  const left = () => keysOf('dynamodb:PutItem').filter((key) => key === HINTS).length;
  const leftBefore = left();
  await tenant.run(['create', 'configmap', 'hinted']);
  expect(await watching.tells('hinted')).toBe(true);
  expect(left()).toBeGreaterThan(leftBefore);
  watching.kill();
});

const askHost = (path: string, headers: Readonly<Record<string, string>>) =>
  new Promise<number>((resolve, reject) => {
    const sent = httpRequest(`${host.url}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    sent.on('error', reject).end();
  });

test.each([
  ["without the gateway's secret", {}, 403],
  ['with a wrong secret', { 'x-zeroplane-gateway': 'of-the-gateway-and-its-h0st' }, 403],
  ["with the gateway's secret", { 'x-zeroplane-gateway': WITH_HOST.HostSecret }, 200],
])('direct requests to the host, %s', async (_how, headers, status) => {
  const authorization = `Bearer ${tenants[0]!.token}`;
  expect(await askHost('/tenants/acme/api', { authorization, ...headers })).toBe(status);
});

test.each([
  [`acme.${DOMAIN}`, '/api', {}, 200],
  [`ACME.${DOMAIN}:443`, '/api', {}, 200],
  [`fleet.${DOMAIN}`, '/api', {}, 401],
  [`other.${DOMAIN}`, '/api', {}, 401],
  [`none.${DOMAIN}`, '/api', {}, 401],
  [`acme.other.${DOMAIN}`, '/api', {}, 401],
  [`fleet.${DOMAIN}`, '/tenants/acme/api', {}, 200],
  [`fleet.${DOMAIN}`, '/api', { 'x-forwarded-host': `acme.${DOMAIN}` }, 401],
  [`fleet.${DOMAIN}`, '/api', { 'x-zeroplane-host': `acme.${DOMAIN}` }, 401],
])("acme's token at %s%s with %j is answered with %i", async (host, path, more, status) => {
  const { token } = tenants[0]!;
  expect(await ask(fleet, { path, token, headers: { host, ...more } })).toMatchObject({ status });
});

test('a shutdown ends watches cleanly within a second', async () => {
  const watching = watch(tenants[0]!);
  // From the list, then from the watch.
  expect(await watching.tells('of-acme')).toBe(true);
  await tenants[0]!.run(['create', 'configmap', 'last']);
  expect(await watching.tells('last')).toBe(true);
  expect(await host.scaleToZero()).toEqual([0]);
  expect(await watching.ended).toEqual([0, null]);
  expect(await tenants[0]!.run(['get', 'configmap', 'of-acme', '-o', 'name'])).toBe('configmap/of-acme\n');
  expect(host.environments()).toBe(2);
  expect(await fleet.run(['get', 'controlplane', 'acme', '-o', 'jsonpath={.status.endpoint}'])).toBe(
    `https://acme.${DOMAIN}`,
  );
});
