/** `zeroplane validate`: reports all errors in flags and files at once, before a server uses them. */

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
- name: EventRateLimit
  configuration:
    apiVersion: eventratelimit.admission.k8s.io/v1alpha1
    kind: Configuration
    limits: [{type: Server, qps: 1, burst: 0}]
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
    "a fleet's",
    ['--fleet', '--domain', 'k8s.example.com', '--data-dir=x'],
    'valid: a server starts with these flags\n',
  ],
  [
    "a command line in place of kube-apiserver's",
    ['--etcd-servers=http://127.0.0.1:2379', '--secure-port=0', '--allow-privileged'],
    'warning: without effect here: --allow-privileged\nvalid: zeroplane kube-apiserver starts with these flags\n',
  ],
  [
    "a template's parameters",
    ['--template=infra/deploy/fleet.yaml', 'AdminArns=arn:aws:iam::111122223333:role/Platform'],
    'valid: a stack starts with these parameters\n',
  ],
  [
    "a stack's ServerArguments",
    [...STACK, `--authorization-mode=RBAC --audit-policy-file=/zeroplane/acme/files/audit.yaml`],
    'valid: a server starts with these flags\n',
  ],
])('%s', async (_what, args, stdout) => {
  parameters.parameters.set('/zeroplane/acme/files/audit.yaml', AUDIT);
  expect(await validate(...args)).toEqual({ code: 0, stdout, stderr: '' });
});

test.each<[string, string[], string[]]>([
  [
    'many errors at once',
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
      'error: --service-account-key-file: data does not contain any valid RSA or ECDSA public keys',
      '10 errors',
    ],
  ],
  [
    'a missing file',
    ['--client-ca-file=/nowhere'],
    ["error: --client-ca-file: ENOENT: no such file or directory, open '/nowhere'", '1 error'],
  ],
  [
    'a missing file of a stack',
    [...STACK, '--audit-policy-file=/zeroplane/acme/files/gone.yaml'],
    [
      'error: /zeroplane/acme/files/gone.yaml: there is no parameter /zeroplane/acme/files/gone.yaml',
      '1 error',
    ],
  ],
  [
    'a file of a stack without --config',
    [...STACK, '--audit-policy-file=config/audit.yaml'],
    ['error: config/audit.yaml: config/audit.yaml is in the folder that --config should name', '1 error'],
  ],
  [
    'a local server, including its own flags',
    [
      '--secure-port=70000',
      '--domain=-x',
      '--allow-addresses=10.0.0.1',
      'word',
      '--enable-admission-plugins=Nope,AlwaysAdmit',
      '--profiling',
      `--client-ca-file=${audit}`,
      `--proxy-client-cert-file=${audit}`,
      '--proxy-client-key-file=/gone.key',
    ],
    [
      'warning: without effect here: --profiling',
      'error: invalid --secure-port: must be between 0 and 65535',
      'error: --domain: "-x" is not a DNS name',
      'error: "10.0.0.1" is no range of addresses such as 10.0.0.0/8',
      'error: --domain requires --fleet',
      'error: --allow-addresses requires --fleet',
      'error: unknown command-line argument: word',
      'error: --client-ca-file: data does not contain any valid RSA or ECDSA certificates',
      "error: --proxy-client-key-file: ENOENT: no such file or directory, open '/gone.key'",
      'error: enable-admission-plugins plugin "Nope" is unknown',
      '9 errors',
    ],
  ],
  [
    "invalid flags in place of kube-apiserver's",
    ['--tls-min-version=1.3', `--tls-cert-file=${audit}`, `--tls-private-key-file=${audit}`, '--data-dir=x'],
    [
      'error: invalid argument "1.3" for "--tls-min-version" flag: unknown tls version "1.3"',
      'error: --etcd-servers must be specified',
      'error: --tls-cert-file: there is no certificate in PEM',
      'error: --tls-private-key-file: there is no private key in PEM',
      'error: unknown flag: --data-dir',
      '5 errors',
    ],
  ],
  [
    "a template's parameters",
    ['--template=infra/deploy/template.yaml', 'MemorySize=1', 'Made=up'],
    [
      'error: the template has no parameter Made',
      'error: Tenant: a value is needed',
      'error: MemorySize: 1 is less than 256',
      '3 errors',
    ],
  ],
  [
    "a template's rules, and the flags its parameters become",
    [
      '--template=infra/deploy/template.yaml',
      'Tenant=acme',
      'OidcClientId=kubernetes',
      'ServerArguments=--authorization-mode=RBAC --made-up --event-ttl=-1s',
    ],
    [
      'error: OidcClientId requires OidcIssuerUrl',
      'error: unknown flag: --made-up',
      'error: --event-ttl must be positive',
      'error: oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
      '4 errors',
    ],
  ],
  [
    'errors that only a complete server detects',
    [`--admission-control-config-file=${admission}`],
    [
      'error: couldn\'t init admission plugin "PodSecurity": defaults.enforce: Invalid value: "nope": must be one of privileged, baseline, restricted',
      '1 error',
    ],
  ],
  [
    'errors of several admission plugins',
    [`--admission-control-config-file=${admission}`, '--enable-admission-plugins=EventRateLimit'],
    [
      'error: couldn\'t init admission plugin "PodSecurity": defaults.enforce: Invalid value: "nope": must be one of privileged, baseline, restricted',
      'error: couldn\'t init admission plugin "EventRateLimit": limits[0].burst: Invalid value: 0: must be positive',
      '2 errors',
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
