import { once } from 'node:events';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { errorText, NO_CREDENTIALS } from '../../../infra/cli/error-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'file');
writeFileSync(file, '');
mkdirSync(join(folder, 'empty'));

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const fail = (error: unknown) => () => {
  throw error;
};

test.each<[string, () => unknown, string]>([
  [
    'a missing file',
    () => readFileSync(join(folder, 'none')),
    `${folder}/none: there is no such file or folder`,
  ],
  ['a file in place of a folder', () => mkdirSync(file), `${file}: something else has that name`],
  [
    'a file within the path',
    () => readFileSync(join(file, 'a')),
    `${file}/a: a part of the path is not a folder`,
  ],
  [
    'a folder in place of a file',
    () => renameSync(file, join(folder, 'empty')),
    `${folder}/empty: it is a folder`,
  ],
  [
    'a stream',
    async () => {
      for await (const _ of createReadStream(join(folder, 'none'))) break;
    },
    `${folder}/none: there is no such file or folder`,
  ],
  ['the SDK without credentials', fail(named('CredentialsProviderError', 'none')), NO_CREDENTIALS],
  [
    'the store without credentials',
    fail(new Error('DynamoDB get, table t: CredentialsProviderError: none')),
    NO_CREDENTIALS,
  ],
  ['anything else', fail(new Error('no')), 'no'],
  ['an unknown code', fail(Object.assign(new Error('no'), { code: 'toString', path: 'a' })), 'no'],
  ["a thrown value that isn't an Error", fail('no'), 'no'],
])('%s', async (_, run, text) => {
  const error = await (async () => run())().then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(errorText(error)).toBe(text);
});

const listenOn = (address: string, port: number): Promise<unknown> =>
  new Promise((_, reject) => createServer().on('error', reject).listen(port, address));

test('an address in use, or not of this machine', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const said = (listening: Promise<unknown>) => listening.catch(errorText);
  expect(await said(listenOn('127.0.0.1', port))).toBe(
    `127.0.0.1:${port}: the address is in use by another program`,
  );
  // A documentation address, assigned to no host.
  expect(await said(listenOn('192.0.2.1', 6443))).toBe('192.0.2.1:6443: this machine has no such address');
  expect(await said(listenOn('192.0.2.1', 0))).toBe('192.0.2.1: this machine has no such address');
  expect(await said(listenOn('2001:db8::1', 6443))).toMatch(/^\[2001:db8::1\]:6443: |listen EAFNOSUPPORT/);
  taken.close();
});
