/** `zeroplane validate`: what is wrong with flags and files is told before a server has them, all at once. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalParameterStore, startParameterStore } from '../../infra/emulator/parameter-store.ts';
import { type CommandResult, runCommand } from '../fixtures/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-validate-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const AUDIT = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n';
const audit = file('audit.yaml', AUDIT);
const badAudit = file('bad-audit.yaml', AUDIT.replace('Metadata', 'Nope'));
const noEncryption = file('encryption.yaml', 'kind: X\n');
const admission = file(
  'admission.yaml',
  `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: nope}
`,
);

let parameters: LocalParameterStore;
beforeAll(async () => {
  parameters = await startParameterStore();
});
afterAll(() => {
  parameters.close();
  rmSync(folder, { recursive: true });
});

function validate(...args: string[]): Promise<CommandResult> {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL_SSM: parameters.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const program = resolve('infra/local/zeroplane.mjs');
  return runCommand(process.execPath, [program, 'validate', ...args], { env, input: '' });
}

const STACK = ['--tenant', 'acme', '--region', 'us-east-1'];

test.each<[string, string[], string]>([
  ['no flag at all', [], 'valid: a server starts with these flags\n'],
  [
    'flags and a file',
    ['--authorization-mode=RBAC', `--audit-policy-file=${audit}`],
    'valid: a server starts with these flags\n',
  ],
  [
    "a stack's, as ServerArguments has them",
    [...STACK, `--authorization-mode=RBAC --audit-policy-file=/zeroplane/acme/files/audit.yaml`],
    'valid: a server starts with these flags\n',
  ],
])('%s', async (_what, args, stdout) => {
  parameters.parameters.set('/zeroplane/acme/files/audit.yaml', AUDIT);
  expect(await validate(...args)).toEqual({ code: 0, stdout, stderr: '' });
});

test.each<[string, string[], string[]]>([
  [
    'everything at once',
    [
      '--authorization-mode=RBAC,Nope',
      '--made-up=1',
      '--max-requests-inflight=x',
      '--event-ttl=-1s',
      '--feature-gates=Foo=true',
      `--audit-policy-file=${badAudit}`,
      `--encryption-provider-config=${noEncryption}`,
      '--token-auth-file=/gone.csv',
      '--service-account-key-file=/gone.pub',
      `--service-account-key-file=${audit}`,
    ],
    [
      'error: unknown flag: --made-up',
      'error: invalid argument "x" for "--max-requests-inflight" flag: strconv.ParseInt: parsing "x": invalid syntax',
      'error: unrecognized feature gate: Foo',
      'error: --event-ttl must be positive',
      'error: authorization-mode "Nope" is not a valid mode',
      `error: ${badAudit}: rules[0].level: Unsupported value: "Nope": supported values: "None", "Metadata", "Request", "RequestResponse"`,
      `error: ${noEncryption}: no kind "X" is registered for version ""`,
      "error: --token-auth-file: ENOENT: no such file or directory, open '/gone.csv'",
      "error: --service-account-key-file: ENOENT: no such file or directory, open '/gone.pub'",
      '9 errors',
    ],
  ],
  [
    'a file that is not there',
    ['--client-ca-file=/nowhere'],
    ["error: --client-ca-file: ENOENT: no such file or directory, open '/nowhere'", '1 error'],
  ],
  [
    "a stack's file that is not there",
    [...STACK, '--audit-policy-file=/zeroplane/acme/files/gone.yaml'],
    [
      'error: /zeroplane/acme/files/gone.yaml: there is no parameter /zeroplane/acme/files/gone.yaml',
      '1 error',
    ],
  ],
  [
    "a stack's file that nobody was told of",
    [...STACK, '--audit-policy-file=config/audit.yaml'],
    ['error: config/audit.yaml: config/audit.yaml is in the folder that --config should name', '1 error'],
  ],
  [
    'what only a whole server finds',
    [`--admission-control-config-file=${admission}`],
    [
      'error: couldn\'t init admission plugin "PodSecurity": defaults.enforce: Invalid value: "nope": must be one of privileged, baseline, restricted',
      '1 error',
    ],
  ],
])('%s', async (_what, args, lines) => {
  expect(await validate(...args)).toEqual({ code: 1, stdout: '', stderr: `${lines.join('\n')}\n` });
});

test("a stack's configuration folder", async () => {
  mkdirSync(join(folder, 'config'));
  file('config/audit.yaml', AUDIT);
  const args = [...STACK, '--config', join(folder, 'config'), '--audit-policy-file=config/audit.yaml'];
  expect(await validate(...args)).toEqual({
    code: 0,
    stdout: 'valid: a server starts with these flags\n',
    stderr: '',
  });
});
