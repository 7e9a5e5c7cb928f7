import { beforeAll, expect, test } from 'vitest';
import { clusterTrustBundleStrategy } from '../../../../shared/registry/certificates/clustertrustbundle/strategy.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';
import { ca, certificate } from '../../authn/pki.ts';

let anchor = '';
let leaf = '';
beforeAll(async () => {
  anchor = `${(await certificate({ name: 'CN=ca', extensions: ca() })).pem}\n`;
  leaf = `${(await certificate({ name: 'CN=leaf' })).pem}\n`;
});

const bundle = (name: string, spec: object) => ({
  apiVersion: 'certificates.k8s.io/v1beta1',
  kind: 'ClusterTrustBundle',
  metadata: { name },
  spec,
});
const AT = 'spec.trustBundle: Invalid value: "<value omitted>":';
const key = '-----BEGIN KEY-----\n-----END KEY-----\n';

test.each<[string, string, () => object, string[]]>([
  ['without a signer', 'a.b', () => ({ trustBundle: anchor }), []],
  [
    'with a signer',
    'example.com:signer:v1',
    () => ({ signerName: 'example.com/signer', trustBundle: anchor }),
    [],
  ],
  ['without anchors', 'a', () => ({ trustBundle: '' }), [`${AT} at least one trust anchor must be provided`]],
  [
    'with other PEM blocks',
    'a',
    () => ({
      trustBundle: `${key}${anchor.replace('-----\n', '-----\nA: b\n\n')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${leaf}`,
    }),
    [
      `${AT} entry 0 has bad block type: KEY`,
      `${AT} entry 1 has PEM block headers`,
      `${AT} entry 2 does not parse as X.509`,
      `${AT} entry 3 does not have the CA bit set`,
    ],
  ],
  [
    'with a duplicate anchor',
    'a',
    () => ({ trustBundle: `${anchor}${anchor}` }),
    [`${AT} duplicate trust anchor (indices [0 1])`],
  ],
  [
    'named after another signer',
    'example.com:other:v1',
    () => ({ signerName: 'example.com/signer', trustBundle: anchor }),
    [
      'metadata.name: Invalid value: "example.com:other:v1": ClusterTrustBundle for signerName example.com/signer must be named with prefix example.com:signer:',
    ],
  ],
  [
    "with a name that isn't a path segment",
    'a/b',
    () => ({ trustBundle: anchor }),
    [
      "metadata.name: Invalid value: \"a/b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'too large',
    'a',
    () => ({ trustBundle: 'x'.repeat(1024 * 1024 + 1) }),
    ['spec.trustBundle: Too long: may not be more than 1048576 bytes'],
  ],
])('a bundle %s', async (_, name, spec, causes) => {
  expect(await createCauses(clusterTrustBundleStrategy, bundle(name, spec()))).toEqual(causes);
});

test('the signer is immutable, and stored bundles are not parsed again', async () => {
  const from = bundle('a', { trustBundle: key });
  expect(await updateCauses(clusterTrustBundleStrategy, { from, to: from })).toEqual([]);
  const to = bundle('a', { trustBundle: key, signerName: 'example.com/a' });
  expect(await updateCauses(clusterTrustBundleStrategy, { from, to })).toEqual([
    'metadata.name: Invalid value: "a": ClusterTrustBundle for signerName example.com/a must be named with prefix example.com:a:',
    'spec.signerName: Invalid value: "example.com/a": field is immutable',
  ]);
});
