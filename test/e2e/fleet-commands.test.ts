/** `zeroplane create|get|delete|kubeconfig` against a fleet. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LocalFleet, startLocalFleet } from '../fixtures/fleet.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';
import { runCommand } from '../fixtures/run-command.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const PROGRAM = resolve(import.meta.dirname, '../../infra/local/zeroplane.mjs');
let fleet: LocalFleet;
const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
const file = join(folder, 'a b.kubeconfig');
/** An address without a server. */
const nowhere = join(folder, 'nowhere.kubeconfig');

beforeAll(async () => {
  fleet = await startLocalFleet();
  const kubeconfig = readFileSync(fleet.kubeconfig, 'utf8');
  writeFileSync(nowhere, kubeconfig.replace(fleet.url, 'https://127.0.0.1:1'));
});
afterAll(async () => {
  await fleet.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a command with the management plane from KUBECONFIG. */
const zeroplane = (...args: string[]) =>
  runCommand(process.execPath, [PROGRAM, ...args, `--kubectl=${kubectlPath()}`], {
    env: { ...process.env, KUBECONFIG: fleet.kubeconfig, HOME: folder },
  });

test('a control plane is created, listed, used and deleted', async () => {
  const made = await zeroplane(
    ...['create', 'acme', '--admin=group=oidc:admins', '--admin=user=ada', `--write-kubeconfig=${file}`],
    ...['--argument=--event-ttl=2h', '--isolation=Dedicated', '--deletion-policy=Retain'],
  );
  expect(made).toEqual({ code: 0, stdout: `export KUBECONFIG='${file}'\n`, stderr: '' });
  const spec = await fleet.run(['get', 'controlplane', 'acme', '-o', 'jsonpath={.spec}']);
  expect(JSON.parse(spec)).toEqual({
    version: '1.37',
    arguments: ['--event-ttl=2h'],
    admins: [{ group: 'oidc:admins' }, { user: 'ada' }],
    isolation: 'Dedicated',
    deletionPolicy: 'Retain',
    suspended: false,
  });
  const inTenant = [`--kubeconfig=${file}`, 'get', 'namespace', 'default', '-o', 'name'];
  expect(await fleet.run(inTenant)).toBe('namespace/default\n');

  const row = ['acme', '1.37', 'True', 'Available', `${fleet.url}/tenants/acme`, expect.any(String)];
  for (const args of [['get'], ['get', 'acme']]) {
    const { stdout } = await zeroplane(...args);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([['NAME', 'VERSION', 'READY', 'REASON', 'ENDPOINT', 'AGE'], row]);
  }
  const { stdout: all } = await zeroplane('get', '--all-namespaces');
  expect(all).toMatch(/^NAMESPACE +NAME +VERSION .*\ndefault +acme +1\.37 .*\n$/);
  // The response is from the tenant, which is below a path, and not from the management plane at its root.
  expect(await zeroplane('get', `--kubeconfig=${file}`)).toMatchObject({
    stderr: 'ControlPlanes are not served: the kubeconfig is not for a management plane\n',
  });
  rmSync(file);
  const written = await zeroplane('kubeconfig', 'acme', '--wait=30', `--write-kubeconfig=${file}`);
  expect(written).toEqual({ code: 0, stdout: `export KUBECONFIG='${file}'\n`, stderr: '' });
  expect(await fleet.run(inTenant)).toBe('namespace/default\n');

  expect(await zeroplane('delete', 'acme')).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^control plane acme is deleted; its data stays in table \S+, under acme\.[0-9a-f]{8}\n$/,
    ),
    stderr: '',
  });
  expect(await zeroplane('get')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'no control planes in namespace default\n',
  });
});

test('missing permissions and invalid credentials are reported', async () => {
  await fleet.run(['create', 'serviceaccount', 'stranger']);
  const token = await fleet.run(['create', 'token', 'stranger']);
  const USER = 'User "system:serviceaccount:default:stranger" cannot';
  const as = async (token: string, ...args: string[]) => {
    const kubeconfig = join(folder, 'stranger');
    const { clusters } = JSON.parse(await fleet.run(['config', 'view', '--raw', '-o', 'json']));
    const [{ name: cluster }] = clusters;
    const context = { name: 'c', context: { cluster, user: 'u' } };
    const config = { clusters, users: [{ name: 'u', user: { token } }], contexts: [context] };
    writeFileSync(kubeconfig, JSON.stringify({ ...config, 'current-context': 'c' }), { mode: 0o600 });
    const { code, stdout, stderr } = await zeroplane(...args, `--kubeconfig=${kubeconfig}`);
    return [code, stdout, stderr];
  };
  expect(await as(token, 'get')).toEqual([
    1,
    '',
    `controlplanes.zeroplane.dev is forbidden: ${USER} list resource "controlplanes" in API group "zeroplane.dev" in the namespace "default"\n`,
  ]);
  expect(await as(token, 'top', '--once', '--interval=0.1')).toEqual([
    1,
    '',
    `forbidden: ${USER} get path "/metrics": the group system:monitoring has access\n`,
  ]);
  const old = "Unauthorized: the kubeconfig's user is unknown";
  expect(await as('of.nobody.here', 'get')).toEqual([1, '', `${old} to the management plane\n`]);
  expect(await as('of.nobody.here', 'top', '--once', '--interval=0.1')).toEqual([1, '', `${old}\n`]);
});

test('a missing kubeconfig is reported', async () => {
  const env = { ...process.env, KUBECONFIG: '', HOME: folder };
  const args = [PROGRAM, 'get', `--kubectl=${kubectlPath()}`];
  expect(await runCommand(process.execPath, args, { env })).toEqual({
    code: 1,
    stdout: '',
    stderr:
      "the API that the kubeconfig names can't be reached: dial tcp 127.0.0.1:8080: connect: connection refused (kubectl's default without a kubeconfig: name one with --kubeconfig or KUBECONFIG)\n",
  });
});

test.each<[string[], string]>([
  [
    ['create', 'fleet'],
    'ControlPlane.zeroplane.dev "fleet" is invalid: metadata.name: Invalid value: fleet is reserved',
  ],
  [['create', 'x', '--admin=root'], '--admin root: must be iam=ARN, user=NAME or group=NAME'],
  [
    ['create', 'x', '--argument=--token-auth-file=/x'],
    'ControlPlane.zeroplane.dev "x" is invalid: spec.arguments[0]: Invalid value: "--token-auth-file=/x": --token-auth-file can\'t be chosen by a control plane of a fleet',
  ],
  [['get', 'none'], 'controlplanes.zeroplane.dev "none" not found'],
  [['delete', 'none'], 'controlplanes.zeroplane.dev "none" not found'],
  [['kubeconfig', 'none'], 'controlplanes.zeroplane.dev "none" not found'],
  [
    ['get', `--kubeconfig=${nowhere}`],
    "the API that the kubeconfig names can't be reached: dial tcp 127.0.0.1:1: connect: connection refused",
  ],
  [['get', 'x', '-A'], 'NAME and --all-namespaces exclude each other'],
  [['kubeconfig'], 'name one: NAME of a fleet, or the --tenant of a stack'],
  [['kubeconfig', 'a', '--tenant=b'], 'name one: NAME of a fleet, or the --tenant of a stack'],
])('%j fails with a reason', async (args, reason) => {
  const { code, stdout, stderr } = await zeroplane(...args);
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `${reason}\n` });
  expect(existsSync(join(folder, '.zeroplane'))).toBe(false);
});
