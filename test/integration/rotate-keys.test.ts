/** `zeroplane rotate-keys` while functions sign and verify, and between restarts of a local server. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ParameterStore } from '../../functions/adapter/parameter-store.ts';
import { tenantKeys } from '../../functions/adapter/tenant-keys.ts';
import { type LocalParameterStore, startParameterStore } from '../../infra/emulator/parameter-store.ts';
import { startControlPlane } from '../../infra/local/control-plane.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { newLogger } from '../../shared/util/logger.ts';
import { call } from '../fixtures/api-server.ts';
import { runCommand } from '../fixtures/run-command.ts';
import { newTestTable } from '../fixtures/storage.ts';

let store: LocalParameterStore;
const FOLDER = '/zeroplane/acme/keys/service-account';

beforeAll(async () => {
  store = await startParameterStore();
  process.env['AWS_ENDPOINT_URL_SSM'] = store.endpoint;
  process.env['AWS_REGION'] ??= 'us-east-1';
  process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
});
afterAll(() => store.close());

const rotateAs = (command: string, ...args: string[]) =>
  runCommand(
    process.execPath,
    [resolve('infra/local/zeroplane.mjs'), command, '--tenant=acme', '--region=us-east-1', ...args],
    { env: process.env, input: '' },
  );
const rotate = (...args: string[]) => rotateAs('rotate-keys', ...args);

/** A function without anything in memory. */
const newFunction = () => tenantKeys(new ParameterStore('acme', { error: () => undefined })).serviceAccounts;

async function sign(keys: ReturnType<typeof newFunction>): Promise<{ keyID: string; token: string }> {
  const { key, keyID, algorithm } = (await keys.signingKey())!;
  const token = await new SignJWT({}).setProtectedHeader({ alg: algorithm, kid: keyID }).sign(key);
  return { keyID, token };
}

async function verifies(keys: ReturnType<typeof newFunction>, signed: { keyID: string; token: string }) {
  const key = (await keys.getPublicKeys(signed.keyID)).find(({ keyID }) => keyID === signed.keyID);
  return key !== undefined && (await jwtVerify(signed.token, key.key)) !== undefined;
}

test('a tenant that was never used has no keys to rotate', async () => {
  const { code, stderr } = await rotate();
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `there is no key below ${FOLDER}: is acme deployed here, and was it used?\n`,
  });
});

test('a new key signs, and tokens of old keys stay valid until those are deleted', async () => {
  const old = newFunction();
  const first = await sign(old);
  expect(await rotate()).toMatchObject({
    code: 0,
    stdout:
      'key 0002 signs within ten minutes; tokens of 0001 stay valid\n' +
      'when they have expired: zeroplane rotate-keys --tenant acme --delete 0001\n',
  });
  const second = await sign(newFunction());
  expect(second.keyID).not.toBe(first.keyID);
  // The function that has read only the first key reads again for an unknown one.
  expect(await verifies(old, second)).toBe(true);
  expect(await verifies(newFunction(), first)).toBe(true);
  expect(await rotate('--delete', '0002')).toMatchObject({
    code: 1,
    stderr: "key 0002 signs: it can't be deleted\n",
  });
  expect(await rotate('--delete', '0003')).toMatchObject({
    code: 1,
    stderr: 'there is no key 0003; there are 0001, 0002\n',
  });
  expect(await rotate('--delete', '0001')).toMatchObject({
    code: 0,
    stdout: 'key 0001 is deleted: within ten minutes its tokens are refused\n',
  });
  expect([...store.parameters.keys()]).toEqual([`${FOLDER}/0002`]);
  expect(await verifies(newFunction(), first)).toBe(false);
  expect(await verifies(newFunction(), second)).toBe(true);
});

test('new authorities of a stack sign, and certificates of old ones stay valid until those are deleted', async () => {
  const rotateAuthorities = (...args: string[]) => rotateAs('rotate-authorities', ...args);
  const newKeys = () => tenantKeys(new ParameterStore('acme', { error: () => undefined }));
  expect(await rotateAuthorities()).toMatchObject({
    code: 1,
    stderr: 'there is no authority below /zeroplane/acme/keys/authorities: nothing was signed by acme yet\n',
  });
  const first = await newKeys().clusterSigning();
  expect(await rotateAuthorities()).toMatchObject({
    code: 0,
    stdout:
      'authorities 0002 sign in ten minutes; certificates of 0001 stay valid\n' +
      'when they have expired: zeroplane rotate-authorities --tenant acme --delete 0001\n',
  });
  // Other processes may not know it yet.
  expect((await newKeys().clusterSigning()).certificate).toBe(first.certificate);
  const trusted = await newKeys().clientCA();
  expect(trusted?.endsWith(first.certificate)).toBe(true);
  expect(trusted?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  for (const [number, stderr] of [
    ['0002', "authority 0002 of kubernetes signs: it can't be deleted\n"],
    ['3', 'there are no authorities 3; there are 0001, 0002\n'],
  ] as const) {
    expect(await rotateAuthorities('--delete', number)).toMatchObject({ code: 1, stderr });
  }
  expect(await rotateAuthorities('--delete', '0001')).toMatchObject({
    code: 0,
    stdout: 'authorities 0001 are deleted: within ten minutes their certificates are refused\n',
  });
  expect(await newKeys().clientCA()).toBe(trusted!.replace(first.certificate, ''));
});

test('keys of a local fleet are rotated through its objects only', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  mkdirSync(join(dataDir, 'pki/fleet'), { recursive: true });
  for (const [command, field] of [
    ['rotate-keys', 'signingKey'],
    ['rotate-authorities', 'signingAuthority'],
  ] as const) {
    expect(await rotateAs(command, `--data-dir=${dataDir}`)).toMatchObject({
      code: 1,
      stderr: `${dataDir} belongs to a fleet: raise spec.${field} of the ControlPlane acme\n`,
    });
  }
  rmSync(dataDir, { recursive: true });
});

describe('a local server', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const folder = join(dataDir, 'pki/default');
  const tokenAuthFile = join(dataDir, 'tokens.csv');
  const issuer = 'https://local.example.com';
  const headers = { authorization: 'Bearer of-the-admin' };
  const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
  let place: Awaited<ReturnType<typeof newTestTable>>;
  beforeAll(async () => {
    writeFileSync(tokenAuthFile, 'of-the-admin,admin,1,system:masters');
    place = await newTestTable();
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  const rotateLocally = (...args: string[]) =>
    runCommand(
      process.execPath,
      [resolve('infra/local/zeroplane.mjs'), 'rotate-keys', '--data-dir', dataDir, ...args],
      { env: process.env, input: '' },
    );

  async function whileRunning<T>(work: (server: { handler: ApiHandler }) => Promise<T>): Promise<T> {
    const plane = await startControlPlane({
      ...{ tenant: 'default', folder, isAlone: false, controllers: ['-*'] },
      table: new SDKDynamoDBTable({ ...place, now: Date.now }),
      serverOptions: { tokenAuthFile, serviceAccountIssuer: [issuer] },
      logger: newLogger(() => undefined),
    });
    try {
      return await work(plane);
    } finally {
      await plane.close();
    }
  }

  const newToken = async (server: { handler: ApiHandler }): Promise<string> => {
    const body = { spec: {} };
    const { json } = await call(server, 'POST', `${ACCOUNTS}/robot/token`, { headers, body });
    return (json as { status: { token: string } }).status.token;
  };
  const isGood = async (server: { handler: ApiHandler }, token: string): Promise<boolean> => {
    const body = { spec: { token } };
    const url = '/apis/authentication.k8s.io/v1/tokenreviews';
    const { json } = await call(server, 'POST', url, { headers, body });
    return (json as { status: { authenticated?: boolean } }).status.authenticated === true;
  };
  const keyOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

  test('has no keys to rotate before its first start', async () => {
    mkdirSync(folder, { recursive: true });
    expect(await rotateLocally()).toMatchObject({
      code: 1,
      stderr: `there is no key ${folder}/sa.key: was the server ever started?\n`,
    });
  });

  test('signs with the new key from the next start on; old tokens stay valid until their key is deleted', async () => {
    const first = await whileRunning(async (server) => {
      await call(server, 'POST', ACCOUNTS, { headers, body: { metadata: { name: 'robot' } } });
      return newToken(server);
    });
    expect(await rotateLocally()).toMatchObject({
      code: 0,
      stdout:
        'a new key signs from the next start on; tokens of 0001 stay valid\n' +
        `when they have expired: zeroplane rotate-keys --data-dir ${dataDir} --tenant default --delete 0001\n`,
    });
    const files = readdirSync(folder).filter((name) => name.startsWith('sa'));
    expect(files.map((name) => [name, statSync(join(folder, name)).mode & 0o777])).toEqual([
      ['sa-0001.key', 0o600],
      ['sa.key', 0o600],
    ]);
    const second = await whileRunning(async (server) => {
      expect(await isGood(server, first)).toBe(true);
      return newToken(server);
    });
    expect(keyOf(second)).not.toBe(keyOf(first));
    expect(await rotateLocally('--delete', '0002')).toMatchObject({
      code: 1,
      stderr: 'there is no key 0002; there are 0001\n',
    });
    expect(await rotateLocally('--delete', '0001')).toMatchObject({
      code: 0,
      stdout: 'key 0001 is deleted: from the next start on its tokens are refused\n',
    });
    await whileRunning(async (server) => {
      expect([await isGood(server, first), await isGood(server, second)]).toEqual([false, true]);
    });
  });
});
