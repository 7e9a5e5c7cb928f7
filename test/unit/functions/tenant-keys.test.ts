import { X509Certificate } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { keepAuthorities, signerOf } from '../../../functions/adapter/tenant-authorities.ts';
import { tenantKeys } from '../../../functions/adapter/tenant-keys.ts';
import { ClientCertificateVerifier } from '../../../shared/authn/x509/verifier.ts';
import { certificateAuthority } from '../../../shared/controllers/certificates/sign-certificate.ts';
import { newServiceUnavailable } from '../../../shared/meta/status-error.ts';
import { issueCertificate, newSigningKey } from '../../../shared/util/issue-certificate.ts';

const FOLDER = 'keys/service-account';

/** A Parameter Store shared by several functions, with a clock advanced only by sleeping. */
class World {
  readonly parameters = new Map<string, string>();
  readonly calls: string[] = [];
  failure: Error | undefined;
  time = 0;
  readonly clock = {
    now: () => this.time,
    sleep: async (ms: number) => {
      this.time += ms;
    },
  };

  function() {
    return tenantKeys(
      {
        list: async (folder) => {
          this.calls.push(`list ${folder}`);
          if (this.failure) throw this.failure;
          const prefix = `${folder}/`;
          return new Map(
            [...this.parameters]
              .filter(([name]) => name.startsWith(prefix))
              .map(([name, value]) => [name.slice(prefix.length), value]),
          );
        },
        create: async (name, value) => {
          this.calls.push(`create ${name}`);
          if (this.failure) throw this.failure;
          if (this.parameters.has(name)) return false;
          this.parameters.set(name, value);
          return true;
        },
      },
      this.clock,
    );
  }
}

const subject = (certificate: string) => new X509Certificate(certificate).subject;

const ids = async (keys: Promise<readonly { keyID: string }[]>) => (await keys).map(({ keyID }) => keyID);

test('nothing is read before a request needs it, and verifying creates no key', async () => {
  const world = new World();
  const { serviceAccounts, clientCA } = world.function();
  expect(world.calls).toEqual([]);
  expect(await serviceAccounts.getPublicKeys('')).toEqual([]);
  expect(await clientCA()).toBeUndefined();
  expect(world.calls).toEqual([`list ${FOLDER}`, 'list keys/authorities']);
});

test('functions that sign concurrently use one key, which all others then know', async () => {
  const world = new World();
  const [a, b, reader] = [world.function(), world.function(), world.function()];
  expect(await reader.serviceAccounts.getPublicKeys('')).toEqual([]);
  const [first, second] = await Promise.all([a.serviceAccounts.signingKey(), b.serviceAccounts.signingKey()]);
  expect(second.keyID).toBe(first.keyID);
  expect([...world.parameters.keys()]).toEqual([`${FOLDER}/0001`]);
  expect(await ids(reader.serviceAccounts.getPublicKeys(first.keyID))).toEqual([first.keyID]);
});

test('keys are cached for ten minutes', async () => {
  const world = new World();
  const { serviceAccounts } = world.function();
  const { keyID } = await serviceAccounts.signingKey();
  world.calls.length = 0;
  await serviceAccounts.signingKey();
  await serviceAccounts.getPublicKeys(keyID);
  expect(world.calls).toEqual([]);
  world.time += 10 * 60_000;
  await serviceAccounts.getPublicKeys(keyID);
  expect(world.calls).toEqual([`list ${FOLDER}`]);
});

test('the last of several keys signs and all verify, until they are deleted', async () => {
  const world = new World();
  const { serviceAccounts } = world.function();
  const old = await serviceAccounts.signingKey();
  world.parameters.set(`${FOLDER}/0002`, newSigningKey());
  const another = world.function().serviceAccounts;
  const { keyID } = await another.signingKey();
  expect(keyID).not.toBe(old.keyID);
  // The first learns of the new key when a token names it.
  expect(await ids(serviceAccounts.getPublicKeys(keyID))).toEqual([keyID, old.keyID]);
  expect((await serviceAccounts.signingKey()).keyID).toBe(keyID);
  world.parameters.delete(`${FOLDER}/0001`);
  world.time += 10 * 60_000;
  expect(await ids(serviceAccounts.getPublicKeys(old.keyID))).toEqual([keyID]);
});

test('tokens with unknown keys cause at most one read a second', async () => {
  const world = new World();
  const { serviceAccounts } = world.function();
  await serviceAccounts.getPublicKeys('');
  world.calls.length = 0;
  await Promise.all(Array.from({ length: 20 }, (_, i) => serviceAccounts.getPublicKeys(`unknown-${i}`)));
  expect(world.calls).toEqual([`list ${FOLDER}`]);
});

test('a failure is reported to waiting callers, and not cached', async () => {
  const world = new World();
  const { serviceAccounts } = world.function();
  world.failure = newServiceUnavailable('not now', 1);
  await expect(serviceAccounts.signingKey()).rejects.toBe(world.failure);
  world.failure = undefined;
  expect((await serviceAccounts.signingKey()).algorithm).toBe('ES256');
});

test('functions that sign certificates concurrently have one authority, which verifies clients', async () => {
  const world = new World();
  const [a, b, reader] = [world.function(), world.function(), world.function()];
  expect(await reader.clientCA()).toBeUndefined();
  const [first, second] = await Promise.all([a.clusterSigning(), b.clusterSigning()]);
  expect(second).toEqual(first);
  expect(certificateAuthority(first.certificate, first.key).certificate.isCA).toBe(true);
  expect(await world.function().clientCA()).toBe(first.certificate);
  expect(await reader.clientCA()).toBeUndefined();
  world.time += 10_000;
  expect(await reader.clientCA()).toBe(first.certificate);
  expect(first.certificate).not.toContain('PRIVATE');
  expect([...world.parameters.values()].every(({ length }) => length < 4096)).toBe(true);
});

test('a new authority signs once all functions know it, and earlier ones are trusted until deleted', async () => {
  const world = new World();
  const parameters = {
    list: async (folder: string) =>
      new Map([...world.parameters].map(([name, value]) => [name.slice(folder.length + 1), value])),
    create: async (name: string, value: string) => {
      if (world.parameters.has(name)) return false;
      world.parameters.set(name, value);
      return true;
    },
    remove: async (name: string) => {
      world.parameters.delete(name);
    },
  };
  const [old, reader] = [world.function(), world.function()];
  const first = await old.clusterSigning();
  const proxied = await old.proxyClient();
  const after = (minutes: number) => {
    world.time += minutes * 60_000;
    vi.setSystemTime(Date.now() + minutes * 60_000);
  };
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    for (const _ of ['once', 'again']) await keepAuthorities(parameters, { oldest: 1, newest: 2 });
    expect([...world.parameters.keys()].sort()).toEqual([
      'keys/authorities/front-proxy-ca',
      'keys/authorities/front-proxy-ca-0002',
      'keys/authorities/kubernetes',
      'keys/authorities/kubernetes-0002',
    ]);
    expect((await world.function().clusterSigning()).certificate).toBe(first.certificate);
    after(10);
    const second = await old.clusterSigning();
    expect(subject(second.certificate)).toBe('CN=kubernetes-0002');
    expect(await reader.clientCA()).toBe(`${second.certificate}${first.certificate}`);
    expect(new X509Certificate((await old.proxyClient()).certificate).issuer).toBe('CN=front-proxy-ca-0002');
    expect(new X509Certificate(proxied.certificate).issuer).toBe('CN=front-proxy-ca');
    const { certificate } = await issueCertificate({ name: 'CN=ada', usage: 'client' }, second);
    expect(signerOf(new X509Certificate(certificate))).toBe(2);

    await keepAuthorities(parameters, { oldest: 2, newest: 2 });
    after(10);
    expect(await reader.clientCA()).toBe(second.certificate);
    // However new it is, there is no other.
    await keepAuthorities(parameters, { oldest: 3, newest: 3 });
    expect(subject((await world.function().clusterSigning()).certificate)).toBe('CN=kubernetes-0003');
  } finally {
    vi.useRealTimers();
  }
});

test('remote servers identify the aggregator by a separate authority', async () => {
  const world = new World();
  const [a, b] = [world.function(), world.function()];
  expect(await a.frontProxyCA()).toBeUndefined();
  const [first, second] = await Promise.all([a.proxyClient(), b.proxyClient()]);
  expect(await a.proxyClient()).toBe(first);
  const verifier = new ClientCertificateVerifier((await world.function().frontProxyCA())!);
  const subjects = [first, second].map(({ certificate }) => verifier.verify([certificate]).x509.subject);
  expect(subjects).toEqual(['CN=front-proxy-client', 'CN=front-proxy-client']);
  expect([...world.parameters.keys()]).toEqual(['keys/authorities/front-proxy-ca']);
});

test('clients of the public address trust the authorities of Amazon', () => {
  const bundle = new World().function().rootCA();
  const subjects = bundle
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .map((pem) => new X509Certificate(pem).subject.split('\n').at(-1));
  expect(subjects.sort()).toEqual([
    'CN=Amazon Root CA 1',
    'CN=Amazon Root CA 2',
    'CN=Amazon Root CA 3',
    'CN=Amazon Root CA 4',
    'CN=Starfield Services Root Certificate Authority - G2',
  ]);
});
