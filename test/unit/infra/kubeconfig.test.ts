import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderKubeconfig } from '../../../infra/local/kubeconfig.ts';

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;

test.each([
  ['an elliptic key in SEC 1', ec.export(pkcs8), ec.export({ type: 'sec1', format: 'pem' })],
  ['an RSA key in PKCS #1', rsa.export(pkcs8), rsa.export({ type: 'pkcs1', format: 'pem' })],
  ['a key of another kind unchanged', ed25519.export(pkcs8), ed25519.export(pkcs8)],
])('holds %s', (_, clientKey, written) => {
  const kubeconfig = parse(
    renderKubeconfig({
      name: 'x',
      server: 'https://here',
      certificateAuthority: 'authority',
      clientCertificate: 'certificate',
      clientKey: String(clientKey),
    }),
  );
  expect(kubeconfig).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'x',
        cluster: { server: 'https://here', 'certificate-authority-data': 'YXV0aG9yaXR5' },
      },
    ],
    users: [
      {
        name: 'x-admin',
        user: {
          'client-certificate-data': 'Y2VydGlmaWNhdGU=',
          'client-key-data': Buffer.from(String(written)).toString('base64'),
        },
      },
    ],
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x-admin' } }],
    'current-context': 'x',
  });
});
