/** A fleet below a domain whose watches are on a host that serves many requests at once, as a Web Function's runtime runs it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { WebFunction } from '../../infra/emulator/web-function.ts';
import { HINTS } from '../../shared/storage/dynamodb/hint-board.ts';
import {
  ask,
  type DeployedFleet,
  type DeployedFleetTenant,
  startDeployedFleet,
  WITH_HOST,
} from '../fixtures/deployed-fleet.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const DOMAIN = 'k8s.example.test';
const lines: Record<string, unknown>[] = [];
let fleet: DeployedFleet;
let host: WebFunction;
let tenants: readonly DeployedFleetTenant[];
beforeAll(async () => {
  fleet = await startDeployedFleet({
    parameters: { ...WITH_HOST, DomainName: DOMAIN, CertificateArn: 'arn:aws:acm:::x' },
    onLog: (name, line) => lines.push({ from: name, ...JSON.parse(line) }),
  });
  host = fleet.gateway.webFunctions.get('Host')!;
  tenants = [await fleet.create('acme'), await fleet.create('other')];
});
afterAll(() => fleet.close());

/** A watch by kubectl. It begins after the list of what is there, with what happens from then on. */
function watch({ args }: DeployedFleetTenant) {
  const child = spawn(kubectlPath(), [...args, ...['get', 'configmaps', '--watch', '-o', 'name']]);
  const said: AsyncIterableIterator<string> = createInterface({ input: child.stdout })[
    Symbol.asyncIterator
  ]();
  return {
    /** Resolves when it has told of an object of that name. */
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

test('functions write, and the host tells those who watch: many tenants and requests in one environment', async () => {
  const watched = [...tenants, ...tenants];
  const watches = watched.map(watch);
  await Promise.all(tenants.map((tenant) => tenant.run(['create', 'configmap', `of-${tenant.name}`])));
  const told = await Promise.all(watches.map(({ tells }, i) => tells(`of-${watched[i]!.name}`)));
  expect(told).toEqual([true, true, true, true]);
  expect(host.environments()).toBe(1);
  for (const { kill } of watches) kill();
  const served = lines.filter(({ message, verb }) => message === 'request' && verb !== undefined);
  const verbs = (isHost: boolean) =>
    new Set(served.filter(({ from }) => (from === 'Host') === isHost).map(({ verb }) => verb));
  // What goes on has left no line yet.
  expect(verbs(true)).toEqual(new Set(['get', 'list']));
  expect(verbs(false)).toEqual(new Set(['create']));
  expect(fleet.access.calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

test('a host that is told of writes reads no log in between', async () => {
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
  ['without what the gateway knows', {}, 403],
  ['with a guess', { 'x-zeroplane-gateway': 'of-the-gateway-and-its-h0st' }, 403],
  ['as the gateway', { 'x-zeroplane-gateway': WITH_HOST.HostSecret }, 200],
])('the host by its own address, %s', async (_how, headers, status) => {
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

test('a shutdown ends watches cleanly, within the second that there is', async () => {
  const watching = watch(tenants[0]!);
  // Of the list, then of the watch.
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
