/** Each configuration file with every kind of wrong input: the error names the file, and is meant for its author. */

import { expect, test } from 'vitest';
import { checkConfiguration } from '../../../shared/server/options/check-configuration.ts';

interface FileFlag {
  readonly version: string;
  readonly kind: string;
  /** A field that is not an object. */
  readonly field: string;
  readonly more?: readonly (readonly [string, string])[];
}

const FLAGS: Readonly<Record<string, FileFlag>> = {
  'admission-control-config-file': {
    version: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    field: 'plugins',
  },
  'audit-policy-file': { version: 'audit.k8s.io/v1', kind: 'Policy', field: 'rules' },
  'audit-webhook-config-file': { version: 'v1', kind: 'Config', field: 'clusters' },
  'authentication-aws-iam-config': {
    version: 'apiserver.config.zeroplane/v1alpha1',
    kind: 'AWSIAMAuthenticationConfiguration',
    field: 'mapRoles',
  },
  'authentication-config': {
    version: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    field: 'jwt',
  },
  'authentication-token-webhook-config-file': { version: 'v1', kind: 'Config', field: 'users' },
  'authorization-config': {
    version: 'apiserver.config.k8s.io/v1',
    kind: 'AuthorizationConfiguration',
    field: 'authorizers',
  },
  'authorization-webhook-config-file': {
    version: 'v1',
    kind: 'Config',
    field: 'contexts',
    more: [['authorization-mode', 'Webhook']],
  },
  'encryption-provider-config': {
    version: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    field: 'resources',
  },
  'tracing-config-file': {
    version: 'apiserver.config.k8s.io/v1',
    kind: 'TracingConfiguration',
    field: 'samplingRatePerMillion',
  },
};

const errorsOf = async (flag: string, text: string): Promise<readonly string[]> => {
  const more = FLAGS[flag]?.more ?? [];
  const { errors } = await checkConfiguration([[flag, '/etc/f'], ...more], { readFile: () => text });
  return errors;
};

test.each(Object.entries(FLAGS))('--%s', async (flag, { version, kind, field }) => {
  const head = `apiVersion: ${version}\nkind: ${kind}\n`;
  const cases: readonly (readonly [string, string])[] = [
    ['{[', 'yaml: did not find expected node content'],
    ['\u0000', 'yaml: control characters are not allowed'],
    ['42', `json: cannot unmarshal number into Go value of type ${kind}`],
    ['text', `json: cannot unmarshal string into Go value of type ${kind}`],
    ['- a', `json: cannot unmarshal array into Go value of type ${kind}`],
    [`apiVersion: ${version}\nkind: Pod\n`, `no kind "Pod" is registered for version "${version}"`],
    [`apiVersion: x/v9\nkind: ${kind}\n`, `no kind "${kind}" is registered for version "x/v9"`],
    [`${head}madeUp: 1\n`, 'strict decoding error: unknown field "madeUp"'],
    [
      `${head}kind: ${kind}\n`,
      'strict decoding error: yaml: unmarshal errors:\n  line 3: key "kind" already set in map',
    ],
  ];
  for (const [text, message] of cases) {
    const [first, ...rest] = message.split('\n');
    const expected = [`/etc/f: ${first}`, ...rest];
    expect([text, await errorsOf(flag, text)]).toEqual([text, expected]);
  }
  // A field of the wrong type.
  const [error, ...others] = await errorsOf(flag, `${head}${field}: {a: 1}\n`);
  expect([error, others]).toEqual([
    expect.stringMatching(
      `^/etc/f: json: cannot unmarshal object into Go struct field ${kind}\\.${field} of type `,
    ),
    [],
  ]);
});

test.each([
  [
    'authorization-policy-file',
    'hello',
    [['authorization-mode', 'ABAC']],
    '/etc/f: error reading policy file /etc/f, line 1: hello: Unexpected token',
  ],
  ['client-ca-file', 'x', [], '--client-ca-file: data does not contain any valid RSA or ECDSA certificates'],
  [
    'requestheader-client-ca-file',
    'x',
    [],
    '--requestheader-client-ca-file: data does not contain any valid RSA or ECDSA certificates',
  ],
  ['root-ca-file', 'x', [], '--root-ca-file: data does not contain any valid RSA or ECDSA certificates'],
  [
    'token-auth-file',
    'x',
    [],
    "--token-auth-file: token file '/etc/f' must have at least 3 columns (token, user name, user uid), found 1",
  ],
  [
    'service-account-key-file',
    'x',
    [],
    '--service-account-key-file: data does not contain any valid RSA or ECDSA public keys',
  ],
  [
    'allow-metric-labels-manifest',
    'allowListMapping:\n  "a,b": x\n',
    [],
    '/etc/f: failed to parse allow list manifest: the value of "allowListMapping" is not a string',
  ],
  ['allow-metric-labels-manifest', '- a', [], 'failed to parse allow list manifest: it is not a mapping'],
  [
    'allow-metric-labels-manifest',
    'a: x',
    [],
    '/etc/f: invalid allow list mapping in manifest: Invalid value: {"a":"x"}: must have keys with format `metricName,labelName`',
  ],
] as const)('--%s with %j', async (flag, text, more, message) => {
  const { errors } = await checkConfiguration([[flag, '/etc/f'], ...more], { readFile: () => text });
  expect(errors).toEqual([expect.stringContaining(message)]);
});

test('issuer errors of an authentication configuration are reported with all others', async () => {
  const text =
    'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt: [{issuer: {url: "http://a", audiences: [x]}, claimMappings: {username: {claim: sub, prefix: ""}}}]\n';
  const flags = [
    ['authentication-config', '/etc/f'],
    ['event-ttl', '-1s'],
  ] as const;
  const { errors } = await checkConfiguration(flags, { readFile: () => text });
  expect(errors).toEqual([
    '--event-ttl must be positive',
    '/etc/f: jwt[0].issuer.url: Invalid value: "http://a": URL scheme must be https',
  ]);
});
