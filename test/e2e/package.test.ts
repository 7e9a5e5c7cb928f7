/** The npm package as users get it: a tarball, installed into an empty folder without a network. */

import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { beforeAll, expect, test, vi } from 'vitest';
import { root } from '../../infra/build/bundle-options.ts';
import { startDynamoDBServer } from '../../infra/emulator/dynamodb-server.ts';
import { startEnvtest } from '../fixtures/envtest.ts';
import { runCommand } from '../fixtures/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-package-'));
const TSC = join(root, 'node_modules/typescript/bin/tsc');
const MINUTES = 60_000;
vi.setConfig({ testTimeout: 2 * MINUTES });
let tarball: string;
let packedFiles: readonly string[];

/** The program that npx runs. */
const zeroplane = (...args: string[]) =>
  runCommand(join(folder, 'node_modules/.bin/zeroplane'), args, { cwd: folder, env: process.env });
const node = (file: string) => runCommand(process.execPath, [file], { cwd: folder, env: process.env });

beforeAll(async () => {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const text = packed.toString();
  const [{ filename, files }] = JSON.parse(text.slice(text.search(/^\[/m))) as [
    { filename: string; files: readonly { path: string }[] },
  ];
  tarball = join(folder, filename);
  packedFiles = files.map(({ path }) => path);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  execFileSync('npm', ['install', '--offline', '--cache', join(folder, '.npm'), '--no-audit', tarball], {
    cwd: folder,
    stdio: 'pipe',
  });
  // The emulator is a platform-specific package, which an empty cache can't provide.
  const emulator = join(folder, 'node_modules/@dynoxide');
  if (!existsSync(emulator)) symlinkSync(join(root, 'node_modules/@dynoxide'), emulator);
}, 5 * MINUTES);

/** The TypeScript samples of the README. */
function samples(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
}

test('the tarball is small, and contains no sources', () => {
  expect(statSync(tarball).size).toBeLessThan(10_000_000);
  const isSource = (file: string) => file.endsWith('.ts') && !file.endsWith('.d.ts');
  const parts = ['dist/package', 'dist/deploy/functions'];
  expect(packedFiles).toEqual(
    expect.arrayContaining([
      'dist/package/main.mjs',
      ...parts.flatMap((part) => [`${part}/sbom.cdx.json`, `${part}/LICENSES.txt`]),
    ]),
  );
  expect(packedFiles.filter((file) => isSource(file) || file.startsWith('test/'))).toEqual([]);
});

test('publint and arethetypeswrong report no problems', async () => {
  const bytes = readFileSync(tarball);
  const { messages } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
  });
  expect(messages).toEqual([]);
  const analysis = await checkPackage(createPackageFromTarballData(bytes));
  const problems = 'problems' in analysis ? analysis.problems : ['no types'];
  // The package is ESM: support for `require` and Node 10 is not promised.
  const promised = problems.filter(
    (problem) =>
      !(typeof problem === 'object' && 'resolutionKind' in problem && problem.resolutionKind === 'node10') &&
      !(typeof problem === 'object' && problem.kind === 'CJSResolvesToESM'),
  );
  expect(promised).toEqual([]);
});

test('npx zeroplane start serves', async () => {
  const args = ['--no-install', 'zeroplane', 'start', '--in-memory', '--secure-port=0', '--data-dir=data'];
  const child = spawn('npx', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  try {
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toMatch(/^zeroplane ready in \d+ ms at https:\/\/127\.0\.0\.1:\d+$/);
  } finally {
    process.kill(-child.pid!, 'SIGINT');
  }
});

test('envtest starts its programs, for several packages of tests concurrently', async () => {
  const assets = (await zeroplane('envtest-assets')).stdout.trim();
  const namespaces = ['one', 'two'];
  const environments = await Promise.all(namespaces.map(() => startEnvtest(assets)));
  try {
    const path = '/api/v1/namespaces';
    const made = await Promise.all(
      environments.map(({ call }, i) => call('POST', path, { body: { metadata: { name: namespaces[i] } } })),
    );
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
    const seen = await Promise.all(environments.map(({ call }) => call('GET', path)));
    const names = seen.map(({ text }) =>
      (JSON.parse(text) as { items: { metadata: { name: string } }[] }).items
        .map(({ metadata }) => metadata.name)
        .filter((name) => namespaces.includes(name)),
    );
    expect(names).toEqual(namespaces.map((name) => [name]));
  } finally {
    await Promise.all(environments.map((environment) => environment.stop()));
  }
});

test("the packaged template includes loadable functions, and the user's configuration files", async () => {
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files/audit.yaml'), 'kind: Policy');
  const template = (await zeroplane('deploy-template', '--output=deploy', '--config=files')).stdout.trim();
  expect(template).toBe(realpathSync(join(folder, 'deploy/template.yaml')));
  const text = readFileSync(template, 'utf8');
  const codes = [...text.matchAll(/CodeUri: (.*)/g)].map(([, uri = '']) => uri);
  expect(new Set(codes)).toEqual(new Set(['functions']));
  expect(readFileSync(join(folder, 'deploy/functions/config/audit.yaml'), 'utf8')).toBe('kind: Policy');
  const handlers = [...new Set([...text.matchAll(/Handler: (.*)\.handler/g)].map(([, name = '']) => name))];
  expect(handlers.length).toBeGreaterThan(3);
  const imports = handlers.map((name) => `typeof (await import('./deploy/functions/${name}.mjs')).handler`);
  writeFileSync(
    join(folder, 'load.mjs'),
    `globalThis.awslambda = { streamifyResponse: (handler) => handler };
     console.log(JSON.stringify([${imports.join(', ')}]));`,
  );
  expect(JSON.parse((await node('load.mjs')).stdout)).toEqual(handlers.map(() => 'function'));
});

test('stacks of its errors show source positions', async () => {
  writeFileSync(
    join(folder, 'fails.mjs'),
    `import { startControlPlane } from 'zeroplane';
     await startControlPlane({ args: ['--no-such-flag=1'] }).catch(({ stack }) => console.log(stack));`,
  );
  const { stdout } = await runCommand(process.execPath, ['--enable-source-maps', 'fails.mjs'], {
    cwd: folder,
    env: process.env,
  });
  expect(stdout).toMatch(/^Error: unknown flag: --no-such-flag\n/);
  expect(stdout).toMatch(/shared\/server\/options\/parse-options\.ts:\d+:\d+/);
});

test.each(['nodenext', 'bundler'])('types resolve under %s, in the samples of the README', async (how) => {
  const place = join(folder, how);
  mkdirSync(place, { recursive: true });
  const files = samples().map((code, i) => {
    writeFileSync(join(place, `sample-${i}.ts`), code);
    return `sample-${i}.ts`;
  });
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: how === 'nodenext' ? 'nodenext' : 'esnext',
    moduleResolution: how,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    strict: true,
    outDir: '.',
  };
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { code, stdout } = await runCommand(process.execPath, [TSC, '-p', place], { env: process.env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

test('each sample is short, runs, and prints the documented output', async () => {
  expect(samples().length).toBeGreaterThan(2);
  expect(samples().filter((code) => code.trim().split('\n').length > 15)).toEqual([]);
  const [start = ''] = samples();
  const promised = [...start.matchAll(/\/\/ => (.*)/g)].map(([, line]) => line);
  const { code, stdout } = await node(join(folder, 'nodenext/sample-0.js'));
  expect({ code, lines: stdout.trim().split('\n') }).toEqual({ code: 0, lines: promised });
});

/** Checks of the samples' plugin and controller: the source is the sample's, the check is the test's. */
const QUESTIONS = [
  [
    1,
    `const shop = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'shop', namespace: 'default' } };
     const where = { group: '', version: 'v1', resource: 'resourcequotas' };
     const options = { namespace: 'default' };
     await plane.resources.client.create(where, shop, options).catch(({ message }) => console.log(message));`,
    'resourcequotas "shop" is forbidden: nothing is rationed',
  ],
  [
    2,
    `const { metadata } = await plane.resources.client.get(NAMESPACES, { name: 'default' });
     console.log(metadata.labels.greeted);`,
    'yes',
  ],
] as const;

test.each(QUESTIONS)('sample %i works', async (sample, question, answer) => {
  const code = readFileSync(join(folder, `nodenext/sample-${sample}.js`), 'utf8');
  const file = join(folder, `sample-${sample}.mjs`);
  writeFileSync(file, `${code.replace('await plane.close();', '')}\n${question}\nawait plane.close();`);
  expect((await node(file)).stdout.trim()).toBe(answer);
});

test('a custom host serves the contents of its storage, and ends on request', async () => {
  const dynamodb = await startDynamoDBServer();
  try {
    writeFileSync(join(folder, 'tokens.csv'), 'secret,ada,1,system:masters');
    const code = readFileSync(join(folder, 'nodenext/sample-3.js'), 'utf8');
    const question = `
      const url = \`http://127.0.0.1:\${server.address().port}/apis/authentication.k8s.io/v1/selfsubjectreviews\`;
      const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
      console.log((await answer.json()).status.userInfo.username);
      process.kill(process.pid, 'SIGTERM');`;
    writeFileSync(join(folder, 'host.mjs'), code.replace('listen(8080)', 'listen(0)') + question);
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'a',
    };
    const { code: exit, stdout } = await runCommand(process.execPath, ['host.mjs'], { cwd: folder, env });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'ada\n' });
  } finally {
    await dynamodb.stop();
  }
});
