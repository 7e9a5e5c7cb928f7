/** Invalid command lines: one line with the error, and an exit code. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { forEachConcurrent } from '../../shared/util/for-each-concurrent.ts';
import { runCommand } from '../fixtures/run-command.ts';

const cwd = mkdtempSync(join(tmpdir(), 'zeroplane-'));
afterAll(() => rmSync(cwd, { recursive: true }));
mkdirSync(join(cwd, 'folder'));
writeFileSync(join(cwd, 'broken.yaml'), '{');

const NO_CREDENTIALS =
  'no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
const env = {
  PATH: process.env['PATH'],
  HOME: cwd,
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const wrongName = (name: string, option = 'tenant') =>
  `error: option '--${option} <name>' argument '${name}' is invalid. It must be a name: lower-case letters, digits and '-', at most 40.`;

const CALLS = new Map([
  ['nonsense', "error: unknown command 'nonsense'"],
  ['backup --output', "error: option '--output <file|s3://bucket/prefix>' argument missing"],
  ['backup --output x --tenant t', NO_CREDENTIALS],
  [
    'backup --output x --encryption-provider-config broken.yaml',
    'broken.yaml: yaml: did not find expected node content',
  ],
  ['restore --input folder --data-dir data', 'there is no file folder'],
  ['rotate-keys --tenant t', NO_CREDENTIALS],
  ['rotate-keys --data-dir data --tenant ../../x', wrongName('../../x')],
  ['backup --output x --tenant A', wrongName('A')],
  ['validate --tenant x/y --event-ttl=2h', wrongName('x/y')],
  ['kubeconfig --tenant x_y', wrongName('x_y')],
  ['fsck --fleet x. --tenant t', wrongName('x.', 'fleet')],
  ['validate --nonsense', 'error: unknown flag: --nonsense\n1 error'],
  ['start --data-dir broken.yaml', `${cwd}/broken.yaml: something else has that name`],
  [
    'cost --memory x',
    "error: option '--memory <megabytes>' argument 'x' is invalid. It must be a number above 0.",
  ],
]);

test('invalid command lines are reported in one line', async () => {
  const program = resolve('infra/local/zeroplane.mjs');
  const said = new Map<string, string>();
  await forEachConcurrent(CALLS.keys(), 2, async (call) => {
    const args = [program, ...call.split(' ')];
    const { code, stdout, stderr } = await runCommand(process.execPath, args, { cwd, env });
    said.set(call, `${code === 1 ? '' : `${code} `}${stdout}${stderr}`.trim());
  });
  expect(said).toEqual(CALLS);
});
