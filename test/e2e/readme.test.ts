/** The first screen of the README, followed by a new user. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { stepsOf } from '../fixtures/console-session.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';
import { startLocalServer } from '../fixtures/local-server.ts';
import { runCommand } from '../fixtures/run-command.ts';

const readme = readFileSync('README.md', 'utf8');
const firstScreen = readme.slice(0, readme.indexOf('\n## '));
/** Commands that start a server are left to the fixture; `my-crds.yaml` stands for the reader's file. */
const commands = stepsOf(firstScreen)
  .map(({ command }) => command)
  .filter((command) => /^kubectl /.test(command) && !command.includes('my-crds.yaml'));
const isOfFleet = (command: string) => /controlplane|acme/i.test(command);

test.each<[string, readonly string[], readonly string[], readonly string[]]>([
  [
    'one control plane',
    [],
    commands.filter((command) => !isOfFleet(command)),
    ['deployment.apps/web created\n'],
  ],
  [
    'a fleet',
    ['--fleet'],
    commands.filter(isOfFleet),
    [
      'controlplane.zeroplane.dev/acme created\n',
      'controlplane.zeroplane.dev/acme condition met\n',
      '',
      'namespace/shop created\n',
    ],
  ],
])('%s', async (_, args, session, printed) => {
  const cwd = mkdtempSync(join(tmpdir(), 'zeroplane-readme-'));
  const server = await startLocalServer({ args });
  const env = {
    ...process.env,
    KUBECONFIG: server.kubeconfig,
    PATH: `${dirname(kubectlPath())}:${process.env['PATH']}`,
  };
  try {
    const outputs: string[] = [];
    for (const command of session) {
      const { stdout, stderr } = await runCommand('/bin/bash', ['-c', command], { env, cwd });
      outputs.push(stdout + stderr);
    }
    expect(outputs).toEqual(printed);
  } finally {
    await server.stop();
    rmSync(cwd, { recursive: true, force: true });
  }
});
