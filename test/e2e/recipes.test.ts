/** CONTRIBUTING's recipes, followed literally in a copy of the checkout. */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { root } from '../../infra/build/bundle-options.ts';
import { runCommand } from '../fixtures/run-command.ts';

const MINUTES = 60_000;
vi.setConfig({ testTimeout: 3 * MINUTES });

const copy = realpathSync(mkdtempSync(join(tmpdir(), 'zeroplane-recipes-')));
const COPIED = [
  'functions',
  'infra',
  'shared',
  'test',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'biome.json',
  '.gitignore',
];

interface Step {
  readonly kind: string;
  readonly file: string;
  readonly text: string;
}

/** The code blocks that name a file. */
const STEPS: readonly Step[] = [
  ...readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(/^```(ts|diff) (\S+)\n(.*?)^```$/gms),
].map(([, kind = '', file = '', text = '']) => ({ kind, file, text }));
const written = STEPS.filter(({ kind }) => kind === 'ts').map(({ file }) => file);

beforeAll(() => {
  for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const step of STEPS) follow(step);
});
afterAll(() => rmSync(copy, { recursive: true }));

function follow({ kind, file, text }: Step): void {
  const path = join(copy, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, kind === 'ts' ? text : withAdded(readFileSync(path, 'utf8'), text, file));
}

/** Inserts the lines that begin with `+`, each after its preceding line. */
function withAdded(text: string, change: string, file: string): string {
  const lines = text.split('\n');
  let at = 0;
  for (const line of change.trimEnd().split('\n')) {
    const content = line.slice(1);
    if (line.startsWith('+')) lines.splice(at++, 0, content);
    else {
      const found = lines.indexOf(content);
      expect({ file, content, isThere: found >= 0 }).toEqual({ file, content, isThere: true });
      at = found + 1;
    }
  }
  return lines.join('\n');
}

const node = (...args: string[]) => runCommand(process.execPath, args, { cwd: copy, env: process.env });

test('types are generated, and all code is well typed and formatted', async () => {
  const generated = await node('infra/build/run.mjs', 'infra/build/generate-types.ts');
  expect(generated).toMatchObject({ code: 0 });
  expect(readFileSync(join(copy, 'shared/apis/apps/v1/types.ts'), 'utf8')).toContain('interface Foo {');
  const changed = STEPS.map(({ file }) => file).filter((file) => file.endsWith('.ts'));
  // Includes all their imports; other files are unchanged.
  const project = { extends: './tsconfig.json', files: changed, include: ['shared/**/*.d.ts'] };
  writeFileSync(join(copy, 'tsconfig.recipes.json'), JSON.stringify(project));
  const types = await node(
    'node_modules/typescript/bin/tsc',
    '--noEmit',
    '--project',
    'tsconfig.recipes.json',
  );
  expect({ code: types.code, said: types.stdout }).toEqual({ code: 0, said: '' });
  const format = await node('node_modules/@biomejs/biome/bin/biome', 'check', ...changed);
  expect({ code: format.code, said: format.code === 0 ? '' : format.stderr }).toEqual({ code: 0, said: '' });
});

test('its tests pass, and layers import downward', async () => {
  const tests = written.filter((file) => file.endsWith('.test.ts'));
  expect(tests.length).toBe(3);
  const { code, stdout, stderr } = await node(
    'node_modules/vitest/vitest.mjs',
    ...['run', '--root', copy, '--testTimeout=60000', '--hookTimeout=60000', '--maxWorkers=1'],
    ...tests,
    'test/unit/architecture.test.ts',
    'test/unit/apis/generated-types.test.ts',
  );
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
});
