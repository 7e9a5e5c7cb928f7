import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  DecryptCommand,
  type DecryptCommandInput,
  DescribeKeyCommand,
  EncryptCommand,
  type EncryptCommandInput,
} from '@aws-sdk/client-kms';
import { beforeEach, describe, expect, test } from 'vitest';
import { AESGCMCipher } from '../../../../shared/storage/encryption/aes-gcm.ts';
import {
  AWSKeyService,
  type KMSSender,
} from '../../../../shared/storage/encryption/envelope/aws-key-service.ts';
import {
  decodeEncryptedObject,
  encodeEncryptedObject,
  KEY_TYPE,
} from '../../../../shared/storage/encryption/envelope/encrypted-object.ts';
import { EnvelopeTransformer } from '../../../../shared/storage/encryption/envelope/envelope-transformer.ts';

const FAMILY = 'arn:aws:kms:eu-central-1:111122223333:key/';
const ALIAS = 'arn:aws:kms:eu-central-1:111122223333:alias/secrets';
const DAY = 24 * 3600_000;

/** The relevant parts of KMS: keys by ARN, encryption contexts, and a record of calls. */
class FakeKMS {
  readonly #keys = new Map<string, Buffer>();
  readonly asked: string[] = [];
  alias = `${FAMILY}one`;
  failure: Error | undefined;

  #keyOf(arn: string): Buffer {
    const key = this.#keys.get(arn) ?? randomBytes(32);
    this.#keys.set(arn, key);
    return key;
  }

  async send(command: unknown): Promise<unknown> {
    const { name } = (command as object).constructor;
    this.asked.push(name.replace('Command', ''));
    if (this.failure) throw this.failure;
    if (command instanceof DescribeKeyCommand) return { KeyMetadata: { Arn: this.alias } };
    if (command instanceof EncryptCommand) {
      const { KeyId = '', Plaintext, EncryptionContext }: EncryptCommandInput = command.input;
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', this.#keyOf(KeyId), nonce);
      cipher.setAAD(Buffer.from(JSON.stringify(EncryptionContext)));
      const bytes = Buffer.concat([cipher.update(Plaintext!), cipher.final()]);
      return { KeyId, CiphertextBlob: Buffer.concat([nonce, cipher.getAuthTag(), bytes]) };
    }
    if (command instanceof DecryptCommand) {
      const { KeyId = '', CiphertextBlob, EncryptionContext }: DecryptCommandInput = command.input;
      const blob = Buffer.from(CiphertextBlob!);
      const decipher = createDecipheriv('aes-256-gcm', this.#keyOf(KeyId), blob.subarray(0, 12));
      decipher.setAAD(Buffer.from(JSON.stringify(EncryptionContext))).setAuthTag(blob.subarray(12, 28));
      return { KeyId, Plaintext: Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]) };
    }
    throw new Error(`unexpected ${name}`);
  }
}

let kms: FakeKMS;
let now: number;
beforeEach(() => {
  kms = new FakeKMS();
  now = Date.parse('2026-08-01T00:00:00Z');
});
const service = (arn = `${FAMILY}one`, name = 'aws') =>
  new AWSKeyService({ arn, name, timeoutMs: 3000, client: kms as unknown as KMSSender, now: () => now });
const transformer = (arn?: string, name?: string) => new EnvelopeTransformer(service(arn, name), () => now);
const KEY = '/registry/secrets/shop/db';
const PLAIN = Buffer.from('plain');
const seedOf = (stored: Uint8Array) =>
  Buffer.from(decodeEncryptedObject(stored).key.ciphertext).toString('hex');

test('written values can be read, here and elsewhere; KMS is called once each', async () => {
  const writer = transformer();
  const stored = await Promise.all([writer.toStorage(PLAIN, KEY), writer.toStorage(PLAIN, KEY)]);
  expect(seedOf(stored[0])).toBe(seedOf(stored[1]));
  const reader = transformer();
  for (const one of [writer, reader]) {
    for (const bytes of stored) {
      const { plain, stale } = await one.fromStorage(bytes, KEY);
      expect([Buffer.from(plain).toString(), stale]).toEqual(['plain', false]);
    }
  }
  expect(kms.asked).toEqual(['Encrypt', 'Decrypt']);
});

test('a seed that was read is used for writing, until it is a week old', async () => {
  const stored = await transformer().toStorage(PLAIN, KEY);
  const other = transformer();
  await other.fromStorage(stored, KEY);
  expect(seedOf(await other.toStorage(PLAIN, KEY))).toBe(seedOf(stored));
  now += 7 * DAY;
  expect(seedOf(await other.toStorage(PLAIN, KEY))).not.toBe(seedOf(stored));
  expect(kms.asked).toEqual(['Encrypt', 'Decrypt', 'Encrypt']);
});

test('an older seed does not replace a newer one, nor one from the future any', async () => {
  const old = await transformer().toStorage(PLAIN, KEY);
  now += DAY;
  const writer = transformer();
  const current = await writer.toStorage(PLAIN, KEY);
  await writer.fromStorage(old, KEY);
  expect(seedOf(await writer.toStorage(PLAIN, KEY))).toBe(seedOf(current));
  now += DAY;
  const later = await transformer().toStorage(PLAIN, KEY);
  now -= DAY;
  const behind = transformer();
  await behind.fromStorage(later, KEY);
  expect(seedOf(await behind.toStorage(PLAIN, KEY))).not.toBe(seedOf(later));
});

describe('rejected', () => {
  test("another object's value, a changed value, another provider's key", async () => {
    const stored = await transformer().toStorage(PLAIN, KEY);
    await expect(transformer().fromStorage(stored, '/registry/secrets/shop/other')).rejects.toThrow();
    const changed = Buffer.from(stored);
    changed[10]! ^= 1;
    await expect(transformer().fromStorage(changed, KEY)).rejects.toThrow();
    await expect(transformer(undefined, 'other').fromStorage(stored, KEY)).rejects.toThrow();
  });

  test('annotations not authenticated by KMS', async () => {
    const object = decodeEncryptedObject(await transformer().toStorage(PLAIN, KEY));
    const annotations = { ...object.key.annotations, 'made-at.encryption.zeroplane': '2020-01-01T00:00:00Z' };
    const stored = encodeEncryptedObject({ ...object, key: { ...object.key, annotations } });
    await expect(transformer().fromStorage(stored, KEY)).rejects.toThrow();
  });

  test.each([
    ['from another account', 'arn:aws:kms:eu-central-1:999999999999:key/one'],
    ['from another region', 'arn:aws:kms:us-east-1:111122223333:key/one'],
    ['with the same prefix', 'arn:aws:kms:eu-central-1:111122223333:alias/key/one'],
  ])('a key %s is never sent to KMS', async (_name, keyID) => {
    const object = decodeEncryptedObject(await transformer().toStorage(PLAIN, KEY));
    const stored = encodeEncryptedObject({ ...object, key: { ...object.key, keyID } });
    kms.asked.length = 0;
    await expect(transformer().fromStorage(stored, KEY)).rejects.toThrow('is of another account or region');
    expect(kms.asked).toEqual([]);
  });

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['noise', randomBytes(64)],
    ['a length past the end', Buffer.from([0x0a, 0xff, 0x01, 0x00])],
  ])('%s', async (_name, stored) => {
    await expect(transformer().fromStorage(stored, KEY)).rejects.toThrow();
    expect(kms.asked).toEqual([]);
  });

  test.each([
    ['no data', { data: new Uint8Array() }, 'encrypted data is empty'],
    ['another kind of key', { keyType: 7 }, 'unknown encryptedDEKSourceType: 7'],
  ])('%s', async (_name, change, message) => {
    const object = decodeEncryptedObject(await transformer().toStorage(PLAIN, KEY));
    await expect(
      transformer().fromStorage(encodeEncryptedObject({ ...object, ...change }), KEY),
    ).rejects.toThrow(message);
  });
});

test('failures are not cached', async () => {
  const stored = await transformer().toStorage(PLAIN, KEY);
  const reader = transformer();
  kms.failure = new Error('KMS is out of reach');
  await expect(reader.fromStorage(stored, KEY)).rejects.toThrow('out of reach');
  await expect(reader.toStorage(PLAIN, KEY)).rejects.toThrow('out of reach');
  kms.failure = undefined;
  expect((await reader.fromStorage(stored, KEY)).stale).toBe(false);
});

describe('rotation', () => {
  test('by another key: old values are readable, and stale', async () => {
    const stored = await transformer(`${FAMILY}one`).toStorage(PLAIN, KEY);
    const rotated = transformer(`${FAMILY}two`);
    expect(await rotated.fromStorage(stored, KEY)).toMatchObject({ stale: true });
    const rewritten = await rotated.toStorage(PLAIN, KEY);
    expect(decodeEncryptedObject(rewritten).key.keyID).toBe(`${FAMILY}two`);
    expect(await rotated.fromStorage(rewritten, KEY)).toMatchObject({ stale: false });
  });

  test('by the alias, within a minute', async () => {
    const running = transformer(ALIAS);
    const stored = await running.toStorage(PLAIN, KEY);
    expect(decodeEncryptedObject(stored).key.keyID).toBe(`${FAMILY}one`);
    kms.alias = `${FAMILY}two`;
    now += 59_999;
    expect(await running.fromStorage(stored, KEY)).toMatchObject({ stale: false });
    now += 1;
    expect(await running.fromStorage(stored, KEY)).toMatchObject({ stale: true });
    expect(decodeEncryptedObject(await running.toStorage(PLAIN, KEY)).key.keyID).toBe(`${FAMILY}two`);
    expect(kms.asked).toEqual(['DescribeKey', 'Encrypt', 'DescribeKey', 'Encrypt']);
  });

  test('an unresolvable alias is used for three minutes, then writes fail', async () => {
    const running = transformer(ALIAS);
    const stored = await running.toStorage(PLAIN, KEY);
    kms.failure = new Error('KMS is out of reach');
    now += 179_999;
    await running.toStorage(PLAIN, KEY);
    await running.toStorage(PLAIN, KEY);
    expect(kms.asked.filter((name) => name === 'DescribeKey')).toHaveLength(2);
    now += 10_000;
    await expect(running.toStorage(PLAIN, KEY)).rejects.toThrow('out of reach');
    expect(await running.fromStorage(stored, KEY)).toMatchObject({ stale: false });
    kms.failure = undefined;
    now += 10_000;
    await running.toStorage(PLAIN, KEY);
  });

  test('an alias of a key elsewhere is rejected', async () => {
    kms.alias = 'arn:aws:kms:eu-central-1:999999999999:key/one';
    await expect(transformer(ALIAS).toStorage(PLAIN, KEY)).rejects.toThrow('of another account or region');
  });
});

test('values under keys that are not seeds are readable, and stale', async () => {
  const dek = randomBytes(32);
  const key = await service().encrypt(dek, {});
  const data = await new AESGCMCipher(dek).seal(PLAIN, Buffer.from(KEY));
  const stored = encodeEncryptedObject({ data, key, keyType: KEY_TYPE.aesGCM });
  const { plain, stale } = await transformer().fromStorage(stored, KEY);
  expect([Buffer.from(plain).toString(), stale]).toEqual(['plain', true]);
});
