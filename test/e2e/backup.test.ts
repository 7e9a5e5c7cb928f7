/** `zeroplane backup` and `restore` run as by an operator, between independent servers. */

import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { restore } from '../../infra/cli/backup/backup.ts';
import { BackupError } from '../../shared/backup/backup-records.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);

function zeroplane(...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [resolve('infra/local/zeroplane.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { status, stderr: stderr.trim() };
}

const OBJECTS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: crons.stable.example.com }
spec:
  group: stable.example.com
  scope: Namespaced
  names: { plural: crons, singular: cron, kind: Cron }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, x-kubernetes-preserve-unknown-fields: true } }
---
{ apiVersion: v1, kind: Namespace, metadata: { name: shop } }
---
{ apiVersion: v1, kind: Secret, metadata: { name: s, namespace: shop }, stringData: { a: hidden } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: NodePort, ports: [{ port: 80, nodePort: 30080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: nginx }] }
`;
const CRON = `{ apiVersion: stable.example.com/v1, kind: Cron, metadata: { name: c, namespace: shop }, spec: { big: 9007199254740993, list: [1, 2] } }`;

const encryption = (secret: string): string => `
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers: [{ aesgcm: { keys: [{ name: k, secret: ${Buffer.from(secret.repeat(32)).toString('base64')} }] } }]
`;

const KINDS = 'ns,secret,svc,deploy,cm,sa,crd,crons,clusterroles,clusterrolebindings,ipaddresses,apiservices';

/** All objects visible to clients, without revisions. */
async function objects(server: LocalServer): Promise<Record<string, unknown>> {
  const text = await server.run(['get', KINDS, '-A', '-o', 'json', '--show-managed-fields']);
  const { items } = JSON.parse(text) as { items: { kind: string; metadata: Record<string, string> }[] };
  return Object.fromEntries(
    items.map((item) => {
      const { resourceVersion: _, ...metadata } = item.metadata;
      return [`${item.kind} ${metadata['namespace']}/${metadata['name']}`, { ...item, metadata }];
    }),
  );
}

const revisionOf = async (server: LocalServer, ...object: string[]): Promise<number> =>
  Number(await server.run(['get', ...object, '-o', 'jsonpath={.metadata.resourceVersion}']));

let identity = '';
let recipient = '';
let before: Record<string, unknown> = {};
let newest = 0;

beforeAll(async () => {
  identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
  writeFileSync(path('identity'), `# created by age-keygen\n${identity}\n`);
  writeFileSync(path('first.yaml'), encryption('1'));
  writeFileSync(path('second.yaml'), encryption('2'));
  const server = await startLocalServer({
    dataDir: path('data'),
    args: [`--encryption-provider-config=${path('first.yaml')}`],
  });
  try {
    await server.run(['apply', '-f', '-'], OBJECTS);
    await server.run(['wait', '--for=condition=Established', 'crd/crons.stable.example.com']);
    await server.run(['apply', '-f', '-'], CRON);
    for (let i = 0; i < 5; i++) {
      await server.run(['-n', 'shop', 'label', 'deployment', 'web', `n=${i}`, '--overwrite']);
    }
    newest = await revisionOf(server, '-n', 'shop', 'deployment', 'web');
    before = await objects(server);
  } finally {
    await server.stop();
  }
  const written = zeroplane(
    'backup',
    `--data-dir=${path('data')}`,
    `--encryption-provider-config=${path('first.yaml')}`,
    `--recipient=${recipient}`,
    `--output=${path('backup.age')}`,
  );
  expect(written).toEqual({
    status: 0,
    stderr: expect.stringMatching(/^\d{3} objects of \d\d resources are in the backup, encrypted$/),
  });
  const plain = zeroplane(
    'backup',
    `--data-dir=${path('data')}`,
    `--encryption-provider-config=${path('first.yaml')}`,
    `--output=${path('backup.gz')}`,
  );
  expect(plain).toEqual({
    status: 0,
    stderr: expect.stringMatching(/^\d{3} objects of \d\d resources are in the backup, not encrypted$/),
  });
});

test("fsck finds no errors in a server's data", () => {
  const checked = zeroplane(
    'fsck',
    `--data-dir=${path('data')}`,
    `--encryption-provider-config=${path('first.yaml')}`,
  );
  expect(checked).toEqual({
    status: 0,
    stderr: expect.stringMatching(/^[1-9]\d* objects and [1-9]\d* log entries: 0 findings$/),
  });
  // Without the keys, each Secret and its log entry are reported, and nothing else.
  const blind = zeroplane('fsck', `--data-dir=${path('data')}`);
  expect(blind).toEqual({ status: 1, stderr: expect.stringMatching(/log entries: 2 findings$/) });
});

test('an encrypted backup is restored into a new control plane, object for object', async () => {
  expect(readFileSync(path('backup.age'), 'latin1')).not.toContain('hidden');
  expect(statSync(path('backup.age')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  const args = [
    'restore',
    `--data-dir=${path('other')}`,
    `--encryption-provider-config=${path('second.yaml')}`,
    `--identity=${path('identity')}`,
    `--input=${path('backup.age')}`,
  ];
  const { status, stderr } = zeroplane(...args);
  expect(stderr).toMatch(/^(\d+) objects in the backup: \1 written, 0 unchanged, 0 others deleted$/);
  expect(status).toBe(0);
  expect(zeroplane(...args).stderr).toMatch(
    /^(\d+) objects in the backup: 0 written, \1 unchanged, 0 others deleted$/,
  );
  const server = await startLocalServer({
    dataDir: path('other'),
    args: [`--encryption-provider-config=${path('second.yaml')}`],
  });
  try {
    const after = await objects(server);
    // A server's own certificates belong to its data directory.
    const own = (all: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(all).filter(
          ([name]) => !/kube-root-ca\.crt|extension-apiserver-authentication/.test(name),
        ),
      );
    expect(own(after)).toEqual(own(before));
    expect(await revisionOf(server, '-n', 'shop', 'deployment', 'web')).toBeGreaterThan(newest);
    const taken = await server.kubectl([
      '-n',
      'shop',
      'create',
      'service',
      'nodeport',
      'x',
      '--tcp=80',
      '--node-port=30080',
    ]);
    expect(taken.stderr).toContain('provided port is already allocated');
  } finally {
    await server.stop();
  }
});

test('one namespace is restored, and others are unchanged', async () => {
  const common = [`--data-dir=${path('data')}`, `--encryption-provider-config=${path('first.yaml')}`];
  const start = () => startLocalServer({ dataDir: path('data'), args: [common[1]!] });
  let server = await start();
  try {
    await server.run(['-n', 'shop', 'delete', 'deployment', 'web']);
    await server.run(['-n', 'shop', 'create', 'configmap', 'later']);
    await server.run(['-n', 'default', 'create', 'configmap', 'kept']);
  } finally {
    await server.stop();
  }
  const restored = zeroplane('restore', ...common, `--input=${path('backup.gz')}`, '--namespace=shop');
  expect(restored.stderr).toMatch(/1 others deleted$/);
  server = await start();
  try {
    expect(await server.run(['-n', 'shop', 'get', 'deployment,configmap', '-o', 'name'])).toBe(
      'deployment.apps/web\nconfigmap/kube-root-ca.crt\n',
    );
    expect(await server.run(['-n', 'default', 'get', 'configmap', 'kept', '-o', 'name'])).toBe(
      'configmap/kept\n',
    );
  } finally {
    await server.stop();
  }
});

test("a stopped server's values get a new key, and the old key is kept while in use", () => {
  writeFileSync(path('rotated.yaml'), encryption('1'));
  const command = [
    'rotate-encryption-keys',
    `--data-dir=${path('data')}`,
    `--encryption-provider-config=${path('rotated.yaml')}`,
  ];
  const { status, stdout } = spawnSync(process.execPath, [resolve('infra/local/zeroplane.mjs'), ...command], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^key k2 encrypts, 1 objects rewritten; a day later/),
  });
  expect(zeroplane(...command, '--delete=k')).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^key k is in use by values of secrets \(\d+\): --rewrite/),
  });
});

test.each([
  [
    'is cut off',
    () => {
      writeFileSync(path('bad'), readFileSync(path('backup.gz')));
      truncateSync(path('bad'), statSync(path('bad')).size - 40);
    },
    "the backup can't be read: unexpected end of file",
  ],
  [
    'was changed',
    () => {
      const text = gunzipSync(readFileSync(path('backup.gz'))).toString();
      writeFileSync(path('bad'), gzipSync(text.replace('"nginx"', '"other"')));
    },
    'the backup was changed: its checksum does not match its contents',
  ],
  [
    'lacks its end',
    () => {
      const lines = gunzipSync(readFileSync(path('backup.gz')))
        .toString()
        .trimEnd()
        .split('\n');
      writeFileSync(path('bad'), gzipSync(`${lines.slice(0, -1).join('\n')}\n`));
    },
    'the backup is cut off: its end is missing',
  ],
  [
    "isn't a backup",
    () => writeFileSync(path('bad'), gzipSync('hello\n')),
    'not a backup: it does not begin with a backup header',
  ],
  [
    'has a newer format',
    () => writeFileSync(path('bad'), gzipSync('{"backup":2}\n')),
    'the backup has format 2, this version reads format 1: use a newer version',
  ],
  [
    'is encrypted',
    () => writeFileSync(path('bad'), readFileSync(path('backup.age'))),
    'the backup is encrypted: name the file with your age identity (--identity)',
  ],
])('a file that %s is rejected before anything is written', async (_, make, message) => {
  make();
  const asked = { tenant: 'default', dataDir: path('untouched'), input: path('bad') };
  await expect(restore(asked)).rejects.toThrow(new BackupError(message));
  expect(readdirSync(folder)).not.toContain('untouched');
});

test.each(['backup.gz', 'backup.age'])('a flipped bit anywhere in %s is detected', async (name) => {
  const whole = readFileSync(path(name));
  for (let part = 0; part < 40; part++) {
    const bytes = Buffer.from(whole);
    // After the 10-byte gzip header, most of which isn't checked.
    const at = 10 + Math.floor(((bytes.length - 10) * part) / 40);
    bytes[at] = bytes[at]! ^ (1 << (part % 8));
    writeFileSync(path('bad'), bytes);
    const asked = { tenant: 'default', dataDir: path('untouched'), input: path('bad') };
    await expect(restore({ ...asked, identity: path('identity') }), `byte ${at}`).rejects.toThrow();
  }
  expect(readdirSync(folder)).not.toContain('untouched');
});

test.each<[asked: { resource?: string[]; namespace?: string[] }, said: string]>([
  [{ namespace: ['shopp'] }, 'the backup has no namespace shopp'],
  [{ resource: ['deployment'] }, 'the backup has no deployment (there is deployments.apps)'],
  [
    { resource: ['deployments.app', 'nothing'] },
    'the backup has no deployments.app (there is deployments.apps), no nothing',
  ],
])('a selection that the backup lacks is rejected before any write: %o', async (asked, said) => {
  const whole = { tenant: 'default', dataDir: path('untouched'), input: path('backup.gz') };
  await expect(restore({ ...whole, ...asked })).rejects.toThrow(new BackupError(said));
  expect(readdirSync(folder)).not.toContain('untouched');
});

test.each([['age1foo', 'invalid --recipient "age1foo": age-keygen prints one as "Public key: age1..."']])(
  'the recipient %s is refused',
  (wrong, said) => {
    const encrypted = [`--encryption-provider-config=${path('first.yaml')}`, `--recipient=${wrong}`];
    expect(zeroplane('backup', `--data-dir=${path('data')}`, ...encrypted, `--output=${path('no')}`)).toEqual(
      {
        status: 1,
        stderr: said,
      },
    );
  },
);

test('a backup of encrypted values without their keys is rejected', () => {
  expect(zeroplane('backup', `--data-dir=${path('data')}`, `--output=${path('no')}`)).toEqual({
    status: 1,
    stderr:
      'unable to transform key "/registry/core/secrets/shop/s": it is encrypted, and --encryption-provider-config, which has its keys, is missing or does not include this resource',
  });
});

test("a backup can't be read without the key", async () => {
  writeFileSync(path('stranger'), `${await generateIdentity()}\n`);
  const refused = zeroplane(
    'restore',
    `--data-dir=${path('untouched')}`,
    `--input=${path('backup.age')}`,
    `--identity=${path('stranger')}`,
  );
  expect(refused).toEqual({
    status: 1,
    stderr: "the backup can't be decrypted: no identity matched any of the file's recipients",
  });
});
