import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addressOptions } from '../../../functions/adapter/address-options.ts';
import { functionFiles } from '../../../functions/adapter/function-files.ts';

const bundle = mkdtempSync(join(tmpdir(), 'zeroplane-bundle-'));
mkdirSync(join(bundle, 'config'));
writeFileSync(join(bundle, 'config/audit.yaml'), 'audit');

function parameters() {
  const asked: string[] = [];
  const values = new Map([
    ['authz.yaml', 'authorizers'],
    ['webhooks/authz.kubeconfig', 'kubeconfig'],
  ]);
  const list = async (folder: string) => {
    asked.push(folder);
    return values;
  };
  return { root: '/zeroplane/acme', list, asked };
}

describe('files that flags name', () => {
  const AUTHZ = '/zeroplane/acme/files/authz.yaml';

  test('are parameters below the folder of the tenant, read at once', async () => {
    const store = parameters();
    const readFile = await functionFiles([AUTHZ], bundle, store);
    expect(readFile(AUTHZ)).toBe('authorizers');
    expect(readFile('/zeroplane/acme/files/webhooks/authz.kubeconfig')).toBe('kubeconfig');
    expect(readFile('config/audit.yaml')).toBe('audit');
    expect(store.asked).toEqual(['files']);
  });

  test.each([
    ['/zeroplane/acme/files/other.yaml', 'there is no parameter /zeroplane/acme/files/other.yaml'],
    ['/zeroplane/other/files/authz.yaml', 'ENOENT'],
    ['/zeroplane/acme/keys/service-account/0001', 'ENOENT'],
    ['config/other.yaml', 'ENOENT'],
  ])('%s does not exist', async (path, message) => {
    const readFile = await functionFiles([AUTHZ], bundle, parameters());
    expect(() => readFile(path)).toThrow(message);
  });

  test('in the bundle need no Parameter Store', async () => {
    const store = parameters();
    const readFile = await functionFiles(['config/audit.yaml', 'RBAC'], bundle, store);
    expect(readFile('config/audit.yaml')).toBe('audit');
    expect(store.asked).toEqual([]);
  });
});

describe('the address of the API', () => {
  const endpoint = 'https://abc.execute-api.eu-central-1.amazonaws.com/v1';

  test.each([
    [
      "at the gateway's own address",
      {},
      endpoint,
      {
        advertiseAddress: 'abc.execute-api.eu-central-1.amazonaws.com',
        advertisePort: 443,
        serviceAccountIssuer: [endpoint, 'https://kubernetes.default.svc'],
        serviceAccountJWKSURI: `${endpoint}/openid/v1/jwks`,
      },
    ],
    [
      'at a domain',
      { ZEROPLANE_DOMAIN_NAME: 'acme.example.com' },
      endpoint,
      {
        advertiseAddress: 'acme.example.com',
        advertisePort: 443,
        serviceAccountIssuer: ['https://acme.example.com', endpoint, 'https://kubernetes.default.svc'],
        serviceAccountJWKSURI: 'https://acme.example.com/openid/v1/jwks',
      },
    ],
    ['unknown', { ZEROPLANE_DOMAIN_NAME: '' }, undefined, { advertisePort: 443 }],
  ])('%s', (_where, environment, given, expected) => {
    expect(addressOptions(environment, given)).toEqual(expected);
  });
});
