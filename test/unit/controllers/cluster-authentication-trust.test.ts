import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { ConfigMap } from '../../../shared/apis/core/v1/types.ts';
import { ClusterAuthenticationTrustController } from '../../../shared/controllers/authentication/cluster-authentication-trust-controller.ts';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';
import { MemoryResources } from '../../fixtures/memory-resources.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAME = 'extension-apiserver-authentication';
const WHERE = { namespace: 'kube-system', name: NAME };
const headers = {
  allowedNames: ['front-proxy-client'],
  usernameHeaders: ['x-remote-user'],
  uidHeaders: ['x-remote-uid'],
  groupHeaders: ['x-remote-group'],
  extraHeaderPrefixes: ['x-remote-extra-'],
};

const pem: Record<string, string> = {};
beforeAll(async () => {
  for (const name of ['client', 'proxy', 'other']) {
    pem[name] = (await issueCertificate({ name: `CN=${name}`, usage: 'ca' })).certificate;
  }
  pem['expired'] = (await issueCertificate({ name: 'CN=old', usage: 'ca', validForMs: -1000 })).certificate;
});

let resources: MemoryResources;
beforeEach(() => {
  resources = new MemoryResources();
});
const controller = (clientCA: string | undefined, requestHeaderCA: string | undefined) =>
  new ClusterAuthenticationTrustController(resources, {
    clientCA: async () => clientCA,
    requestHeader: { clientCA: async () => requestHeaderCA, ...headers },
  });
const published = async () =>
  resources.writes.length === 0
    ? undefined
    : (await resources.client.get<ConfigMap>(CONFIG_MAPS, WHERE)).data;
const expected = () => ({
  'client-ca-file': pem['client'],
  'requestheader-client-ca-file': pem['proxy'],
  'requestheader-allowed-names': '["front-proxy-client"]',
  'requestheader-username-headers': '["x-remote-user"]',
  'requestheader-uid-headers': '["x-remote-uid"]',
  'requestheader-group-headers': '["x-remote-group"]',
  'requestheader-extra-headers-prefix': '["x-remote-extra-"]',
});

test('publishes both authorities and the headers, once', async () => {
  const trust = controller(pem['client'], pem['proxy']);
  for (const key of await trust.allKeys()) expect(key).toBe(NAME);
  await trust.reconcile();
  expect(await published()).toEqual(expected());
  await trust.reconcile();
  expect(resources.writes).toEqual([`create configmaps kube-system/${NAME}`]);
});

test('publishes nothing if nothing is configured', async () => {
  await controller(undefined, undefined).reconcile();
  expect(await published()).toBeUndefined();
});

test('only clients, without headers', async () => {
  await controller(pem['client'], undefined).reconcile();
  expect(await published()).toEqual({ 'client-ca-file': pem['client'] });
});

test('entries published by other servers are kept until they expire', async () => {
  const data = {
    'client-ca-file': `${pem['other']}${pem['expired']}`,
    'requestheader-username-headers': '["x-user"]',
  };
  const metadata = { name: NAME, namespace: 'kube-system' };
  await resources.client.create(CONFIG_MAPS, { metadata, data } as ConfigMap, WHERE);
  await controller(pem['client'], pem['proxy']).reconcile();
  expect(await published()).toEqual({
    ...expected(),
    'client-ca-file': `${pem['other']}${pem['client']}`,
    'requestheader-username-headers': '["x-user","x-remote-user"]',
  });
});

test('a change of the ConfigMap or its namespace restores it', () => {
  const change = (resource: string, namespace: string, name: string) => ({
    type: 'DELETED' as const,
    resource: { group: '', resource },
    namespace,
    name,
    object: () => ({ metadata: { name } }),
  });
  const keys = (...of: [string, string, string]) => controller(undefined, undefined).keysFor(change(...of));
  expect(keys('configmaps', 'kube-system', NAME)).toEqual([NAME]);
  expect(keys('namespaces', '', 'kube-system')).toEqual([NAME]);
  expect(keys('configmaps', 'default', NAME)).toEqual([]);
  expect(keys('secrets', 'kube-system', NAME)).toEqual([]);
});
