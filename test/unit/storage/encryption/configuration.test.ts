import { describe, expect, test } from 'vitest';
import { parseEncryptionConfiguration } from '../../../../shared/storage/encryption/configuration.ts';
import { transformersOf } from '../../../../shared/storage/encryption/encryption.ts';

const SECRET = Buffer.alloc(32, 1).toString('base64');
const keys = (name = 'key1', secret = SECRET) => ({ keys: [{ name, secret }] });
const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234-abcd';
const kms = (more: object = {}) => ({
  kms: { apiVersion: 'v2', name: 'aws', endpoint: `aws-kms:${ARN}`, ...more },
});
const parse = (...resources: unknown[]) =>
  parseEncryptionConfiguration(
    JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources }),
  );
const rule = (resources: unknown, ...providers: unknown[]) => ({
  resources,
  providers: providers.length === 0 ? [{ identity: {} }] : providers,
});

test('all providers', async () => {
  const [entry] = await parse(
    rule(
      ['secrets', 'deployments.apps'],
      { aesgcm: keys() },
      { aescbc: keys() },
      { secretbox: keys() },
      kms(),
      {
        identity: {},
      },
    ),
  );
  expect(entry).toEqual({
    resources: [
      { group: '', resource: 'secrets' },
      { group: 'apps', resource: 'deployments' },
    ],
    providers: [
      ...['aesgcm', 'aescbc', 'secretbox'].map((type) => ({
        type,
        keys: [{ name: 'key1', secret: Buffer.alloc(32, 1) }],
      })),
      { type: 'kms', name: 'aws', arn: ARN, timeoutMs: 3000 },
      { type: 'identity' },
    ],
  });
});

describe('is rejected:', () => {
  test.each<[string, unknown[], string]>([
    ['nothing', [], 'resources: Required value'],
    ['no resources', [rule([])], 'resources[0].resources: Required value'],
    ['no providers', [{ resources: ['secrets'] }], 'resources[0].providers: Required value'],
    ['a star', [rule(['*'])], "use '*.'"],
    ['capitals', [rule(['configMaps'])], 'should not contain capital letters'],
    ['events.k8s.io', [rule(['events.events.k8s.io'])], "Use 'events' instead"],
    ['extensions', [rule(['*.extensions'])], "'extensions' group has been removed"],
    ['a resource of all groups', [rule(['secrets.*'])], 'across groups is not supported'],
    ['a duplicate resource', [rule(['secrets', 'secrets'])], 'cannot be specified multiple times'],
    ['a resource beside its group', [rule(['secrets', '*.'])], 'as they will be masked'],
    ['a resource beside all', [rule(['*.*', 'pods'])], 'as they will be masked'],
    [
      'a resource after its group',
      [rule(['*.apps']), rule(['deployments.apps'])],
      '"deployments.apps" is masked by earlier rule "*.apps"',
    ],
    ['a resource after all', [rule(['*.*']), rule(['secrets'])], '"secrets" is masked by earlier rule "*.*"'],
    ['an empty provider', [rule(['secrets'], {})], 'does not contain any of the expected providers'],
    [
      'two providers in one entry',
      [rule(['secrets'], { identity: {}, aesgcm: keys() })],
      'more than one provider',
    ],
    ['no keys', [rule(['secrets'], { aesgcm: {} })], 'resources[0].providers[0].aesgcm.keys: Required value'],
    ['no name', [rule(['secrets'], { aesgcm: keys('') })], 'keys[0].name: Required value'],
    ['no secret', [rule(['secrets'], { aescbc: keys('a', '') })], 'keys[0].secret: Required value'],
    [
      'a secret with invalid base64',
      [rule(['secrets'], { secretbox: keys('a', '!hunter2!') })],
      'must be base64 encoded',
    ],
    [
      'a too short secret',
      [rule(['secrets'], { aesgcm: keys('a', 'aHVudGVyMg==') })],
      'got 7, expected one of [16 24 32]',
    ],
    [
      '16 bytes for secretbox',
      [rule(['secrets'], { secretbox: keys('a', Buffer.alloc(16).toString('base64')) })],
      'got 16, expected one of [32]',
    ],
    [
      'KMS v1',
      [rule(['secrets'], kms({ apiVersion: 'v1' }))],
      'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.  Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature.',
    ],
    [
      'KMS without a version, which means v1',
      [rule(['secrets'], kms({ apiVersion: undefined }))],
      'KMSv1 is deprecated',
    ],
    [
      'KMS v1 without a cache',
      [rule(['secrets'], kms({ apiVersion: 'v1', cachesize: 0 }))],
      'kms.cachesize: Invalid value: 0: cachesize should be a positive value',
    ],
    ['KMS v3', [rule(['secrets'], kms({ apiVersion: 'v3' }))], 'only v1 and v2 are supported'],
    ['KMS without a name', [rule(['secrets'], kms({ name: '' }))], 'kms.name: Required value'],
    ['KMS with a colon', [rule(['secrets'], kms({ name: 'a:b' }))], "must not contain ':'"],
    ['a duplicate KMS provider', [rule(['secrets'], kms(), kms())], 'names must be unique'],
    ['a socket', [rule(['secrets'], kms({ endpoint: 'unix:///kms.sock' }))], 'must be aws-kms:'],
    [
      'an invalid ARN',
      [rule(['secrets'], kms({ endpoint: 'aws-kms:arn:aws:s3:::bucket' }))],
      'must be aws-kms:',
    ],
    ['a timeout of zero', [rule(['secrets'], kms({ timeout: '0s' }))], 'should be a positive value'],
    ['a cache', [rule(['secrets'], kms({ cachesize: 7 }))], 'cachesize is not supported in v2'],
    ['a misspelt field', [{ ...rule(['secrets']), provider: [] }], 'unknown field'],
  ])('%s', async (_name, resources, message) => {
    await expect(parse(...resources)).rejects.toThrow(message);
  });

  test('no message contains a secret', async () => {
    for (const secret of ['!hunter2!', 'aHVudGVyMg==']) {
      const error: Error = await parse(
        rule(['secrets'], { aesgcm: keys('a', secret) }, { aesgcm: keys(), aescbc: keys() }),
      ).then(
        () => new Error('accepted'),
        (reason: Error) => reason,
      );
      expect(error.message).toContain('Invalid value');
      for (const told of [secret, 'hunter2', SECRET]) expect(error.message).not.toContain(told);
    }
  });
});

describe('choice of the transformer', () => {
  const prefixOf = async (resource: string, group = '') => {
    const transformerFor = transformersOf(
      await parse(
        rule(['secrets', 'deployments.apps'], { aesgcm: keys('one') }),
        rule(['*.apps'], { aesgcm: keys('apps') }),
        rule(['*.'], { aesgcm: keys('core') }),
        rule(['*.*'], { aesgcm: keys('all') }),
      ),
    );
    const stored = await transformerFor({ group, resource })?.toStorage(Buffer.from('x'), 'k');
    return stored && Buffer.from(stored).toString('latin1').split(':')[4];
  };
  test.each([
    ['secrets', '', 'one'],
    ['deployments', 'apps', 'one'],
    ['statefulsets', 'apps', 'apps'],
    ['pods', '', 'core'],
    ['roles', 'rbac.authorization.k8s.io', 'all'],
    ['secrets', 'example.com', 'all'],
  ])('%s of %j: %s', async (resource, group, name) => {
    expect(await prefixOf(resource, group)).toBe(name);
  });

  test('none for resources without a rule', async () => {
    const transformerFor = transformersOf(await parse(rule(['secrets'])));
    expect(transformerFor({ group: '', resource: 'configmaps' })).toBeUndefined();
    expect(transformersOf([])({ group: '', resource: 'secrets' })).toBeUndefined();
  });
});

describe('rotation', () => {
  const of = async (...providers: unknown[]) =>
    transformersOf(await parse(rule(['secrets'], ...providers)))({ group: '', resource: 'secrets' })!;
  const two = {
    keys: [{ name: 'new', secret: Buffer.alloc(32, 2).toString('base64') }, ...keys('old').keys],
  };
  const plain = Buffer.from('plain');

  test.each<[string, unknown[], unknown[], boolean | string]>([
    ['an unchanged configuration', [{ aesgcm: keys() }], [{ aesgcm: keys() }], false],
    ['an older key', [{ aesgcm: keys('old') }], [{ aesgcm: two }], true],
    ['an older provider', [{ aescbc: keys() }], [{ secretbox: keys() }, { aescbc: keys() }], true],
    [
      'the same provider, twice',
      [{ aescbc: keys('old') }],
      [{ aescbc: keys('new') }, { aescbc: keys('old') }],
      true,
    ],
    ['plain data, encrypted from now on', [{ identity: {} }], [{ aesgcm: keys() }, { identity: {} }], true],
    ['encrypted data, plain from now on', [{ aesgcm: keys() }], [{ identity: {} }, { aesgcm: keys() }], true],
    [
      'plain data without a provider for it',
      [{ identity: {} }],
      [{ aesgcm: keys() }],
      'no matching prefix found',
    ],
    [
      'encrypted data with its key removed',
      [{ aesgcm: keys('old') }],
      [{ aesgcm: keys('new') }],
      'no matching key',
    ],
    [
      'encrypted data with only a plain provider',
      [{ aesgcm: keys() }],
      [{ identity: {} }],
      'no matching prefix found',
    ],
    [
      'encrypted data with another key of the same name',
      [{ aesgcm: keys() }],
      [{ aesgcm: keys('key1', Buffer.alloc(32, 3).toString('base64')) }],
      'can not be decrypted',
    ],
  ])('%s', async (_name, before, after, expected) => {
    const stored = await (await of(...before)).toStorage(plain, '/registry/secrets/a/b');
    const reading = (await of(...after)).fromStorage(stored, '/registry/secrets/a/b');
    if (typeof expected === 'string') await expect(reading).rejects.toThrow(expected);
    else
      expect({ ...(await reading), plain: Buffer.from((await reading).plain) }).toEqual({
        plain,
        stale: expected,
      });
  });

  test('values shorter than a prefix', async () => {
    const transformer = await of({ aesgcm: keys() });
    await expect(transformer.fromStorage(Buffer.from('k8s:'), 'k')).rejects.toThrow(
      'no matching prefix found',
    );
  });
});
