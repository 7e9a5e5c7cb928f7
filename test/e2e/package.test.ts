/** The npm package as a stranger has it: a tarball, installed into an empty folder without a network. */

import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../../infra/build/bundle-options.ts';
import { runCommand } from '../fixtures/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-package-'));
const TSC = join(root, 'node_modules/typescript/bin/tsc');
const MINUTES = 60_000;
let tarball: string;

const npx = (...args: string[]) =>
  runCommand('npx', ['--no-install', 'zeroplane', ...args], { cwd: folder, env: process.env });
const node = (file: string) => runCommand(process.execPath, [file], { cwd: folder, env: process.env });

beforeAll(async () => {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const text = packed.toString();
  const [{ filename }] = JSON.parse(text.slice(text.search(/^\[/m))) as [{ filename: string }];
  tarball = join(folder, filename);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  execFileSync('npm', ['install', '--offline', '--cache', join(folder, '.npm'), '--no-audit', tarball], {
    cwd: folder,
    stdio: 'pipe',
  });
  // The emulator is a package of the platform's own, which an empty cache can't give.
  const emulator = join(folder, 'node_modules/@dynoxide');
  if (!existsSync(emulator)) symlinkSync(join(root, 'node_modules/@dynoxide'), emulator);
}, 5 * MINUTES);

/** The TypeScript samples of the README. */
function samples(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
}

test('the tarball is small, and holds no sources', () => {
  expect(statSync(tarball).size).toBeLessThan(10_000_000);
  const files = execFileSync('tar', ['tzf', tarball]).toString().trim().split('\n');
  const sources = files.filter((file) => /\.ts$/.test(file) && !file.endsWith('.d.ts'));
  expect(sources.concat(files.filter((file) => file.startsWith('package/test/')))).toEqual([]);
});

test(
  'publint and arethetypeswrong find nothing',
  async () => {
    const bytes = readFileSync(tarball);
    const { messages } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    });
    expect(messages).toEqual([]);
    const analysis = await checkPackage(createPackageFromTarballData(bytes));
    const problems = 'problems' in analysis ? analysis.problems : ['no types'];
    // The package is ESM: what `require` and Node 10 do with it is no promise.
    const promised = problems.filter(
      (problem) =>
        !(
          typeof problem === 'object' &&
          'resolutionKind' in problem &&
          problem.resolutionKind === 'node10'
        ) && !(typeof problem === 'object' && problem.kind === 'CJSResolvesToESM'),
    );
    expect(promised).toEqual([]);
  },
  MINUTES,
);

test(
  'npx zeroplane start serves',
  async () => {
    const args = ['--no-install', 'zeroplane', 'start', '--in-memory', '--secure-port=0', '--data-dir=data'];
    const child = spawn('npx', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    try {
      const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
      expect((await lines.next()).value).toMatch(/^zeroplane ready in \d+ ms at https:\/\/127\.0\.0\.1:\d+$/);
    } finally {
      process.kill(-child.pid!, 'SIGINT');
    }
  },
  MINUTES,
);

test('the programs of envtest and a template whose functions are built are where the commands say', async () => {
  const assets = (await npx('envtest-assets')).stdout.trim();
  expect(['etcd', 'kube-apiserver'].map((name) => existsSync(join(assets, name)))).toEqual([true, true]);
  const help = await runCommand(join(assets, 'kube-apiserver'), ['--help'], { env: process.env });
  expect(help.stdout).toContain('--etcd-servers');
  const template = (await npx('deploy-template')).stdout.trim();
  const codes = [...readFileSync(template, 'utf8').matchAll(/CodeUri: (.*)/g)].map(([, uri = '']) => uri);
  expect(new Set(codes)).toEqual(new Set(['functions']));
  const handlers = [...readFileSync(template, 'utf8').matchAll(/Handler: (.*)\.handler/g)];
  const missing = handlers.filter(([, name]) => !existsSync(resolve(template, `../functions/${name}.mjs`)));
  expect(missing).toEqual([]);
});

test.each(['nodenext', 'bundler'])(
  'types resolve under %s, in the samples of the README',
  async (how) => {
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
  },
  MINUTES,
);

test(
  'each sample is short, runs, and says what it promises',
  async () => {
    expect(samples().length).toBeGreaterThan(2);
    expect(samples().filter((code) => code.trim().split('\n').length > 15)).toEqual([]);
    const [start = ''] = samples();
    const promised = [...start.matchAll(/\/\/ => (.*)/g)].map(([, line]) => line);
    const { code, stdout } = await node(join(folder, 'nodenext/sample-0.js'));
    expect({ code, lines: stdout.trim().split('\n') }).toEqual({ code: 0, lines: promised });
  },
  MINUTES,
);

/** What the samples' plugin and controller did: their source is a sample, the question is the test's. */
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

test.each(QUESTIONS)(
  'sample %i does its work',
  async (sample, question, answer) => {
    const code = readFileSync(join(folder, `nodenext/sample-${sample}.js`), 'utf8');
    const file = join(folder, `sample-${sample}.mjs`);
    writeFileSync(file, `${code.replace('await plane.close();', '')}\n${question}\nawait plane.close();`);
    expect((await node(file)).stdout.trim()).toBe(answer);
  },
  MINUTES,
);
