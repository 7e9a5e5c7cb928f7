/** `zeroplane rotate-keys` beside functions that sign and verify all the while. */

import { resolve } from 'node:path';
import { jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ParameterStore } from '../../functions/adapter/parameter-store.ts';
import { tenantKeys } from '../../functions/adapter/tenant-keys.ts';
import { type LocalParameterStore, startParameterStore } from '../../infra/emulator/parameter-store.ts';
import { runCommand } from '../fixtures/run-command.ts';

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

const rotate = (...args: string[]) =>
  runCommand(
    process.execPath,
    [
      resolve('infra/local/zeroplane.mjs'),
      'rotate-keys',
      '--tenant',
      'acme',
      '--region',
      'us-east-1',
      ...args,
    ],
    { env: process.env, input: '' },
  );

/** A function that has read nothing yet. */
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

test('a tenant that was never used has nothing to rotate', async () => {
  const { code, stderr } = await rotate();
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `there is no key below ${FOLDER}: is acme deployed here, and was it used?\n`,
  });
});

test('a new key signs, tokens of old ones stay good until theirs is deleted', async () => {
  const old = newFunction();
  const first = await sign(old);
  expect(await rotate()).toMatchObject({
    code: 0,
    stdout:
      'key 0002 signs within ten minutes; tokens of 0001 stay good\n' +
      'when they have ended: zeroplane rotate-keys --tenant acme --delete 0001\n',
  });
  const second = await sign(newFunction());
  expect(second.keyID).not.toBe(first.keyID);
  // The function that has read only the first looks again for a key that it doesn't know.
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
