import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { AESCBCCipher } from '../../../../shared/storage/encryption/aes-cbc.ts';
import { AESGCMCipher, ExtendedNonceCipher } from '../../../../shared/storage/encryption/aes-gcm.ts';
import type { Cipher } from '../../../../shared/storage/encryption/cipher.ts';
import { SecretboxCipher } from '../../../../shared/storage/encryption/secretbox.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const CONTEXT = Buffer.from('/registry/secrets/shop/db');
const PLAIN = Buffer.from('the plain bytes of an object');

const CIPHERS: [name: string, make: (key: Uint8Array) => Cipher, lengths: number[], binds: boolean][] = [
  ['aesgcm', (key) => new AESGCMCipher(key), [16, 24, 32], true],
  ['aescbc', (key) => new AESCBCCipher(key), [16, 24, 32], false],
  ['secretbox', (key) => new SecretboxCipher(key), [32], false],
  ['extended nonce', (key) => new ExtendedNonceCipher(key), [32], true],
];

describe.each(CIPHERS)('%s', (name, make, lengths, binds) => {
  test.each(lengths)('keys of %d bytes', async (length) => {
    const key = randomBytes(length);
    for (const plain of [PLAIN, Buffer.alloc(0), randomBytes(100_000)]) {
      const sealed = await make(key).seal(plain, CONTEXT);
      expect(Buffer.from(await make(key).open(sealed, CONTEXT)).equals(plain)).toBe(true);
    }
  });

  test('sealing twice gives different bytes', async () => {
    const cipher = make(randomBytes(32));
    expect(await cipher.seal(PLAIN, CONTEXT)).not.toEqual(await cipher.seal(PLAIN, CONTEXT));
  });

  test('truncated bytes are rejected', async () => {
    const cipher = make(randomBytes(32));
    const sealed = await cipher.seal(PLAIN, CONTEXT);
    // CBC detects complete blocks only by chance.
    for (const length of [0, 1, 12, 15, 16, 20, 28, 31, 40, sealed.length - 1]) {
      await expect(cipher.open(sealed.subarray(0, length), CONTEXT), String(length)).rejects.toThrow();
    }
  });

  test.runIf(name !== 'aescbc')('a flipped bit, or another key, is rejected', async () => {
    const cipher = make(randomBytes(32));
    const sealed = Buffer.from(await cipher.seal(PLAIN, CONTEXT));
    for (let at = 0; at < sealed.length; at++) {
      const turned = Buffer.from(sealed);
      turned[at]! ^= 0x10;
      await expect(cipher.open(turned, CONTEXT), String(at)).rejects.toThrow('can not be decrypted');
    }
    await expect(make(randomBytes(32)).open(sealed, CONTEXT)).rejects.toThrow('can not be decrypted');
  });

  test.runIf(binds)("another object's bytes are rejected", async () => {
    const cipher = make(randomBytes(32));
    const sealed = await cipher.seal(PLAIN, CONTEXT);
    await expect(cipher.open(sealed, Buffer.from('/registry/secrets/shop/other'))).rejects.toThrow();
  });
});

describe("formats on disk are upstream's", () => {
  test('aesgcm: nonce, bytes, tag', async () => {
    const key = Buffer.alloc(32, 7);
    const nonce = Buffer.alloc(12, 9);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(CONTEXT);
    const bytes = Buffer.concat([cipher.update(PLAIN), cipher.final()]);
    const stored = Buffer.concat([nonce, bytes, cipher.getAuthTag()]);
    expect(text(await new AESGCMCipher(key).open(stored, CONTEXT))).toBe(text(PLAIN));
  });

  test('extended nonce: the key is derived from the seed and the first 32 bytes', async () => {
    const seed = Buffer.alloc(32, 5);
    const info = Buffer.alloc(32, 6);
    // HKDF-Expand alone: node only offers both steps together, so the expected block is computed here.
    const { createHmac } = await import('node:crypto');
    const key = createHmac('sha256', seed)
      .update(Buffer.concat([info, Buffer.of(1)]))
      .digest();
    const nonce = Buffer.alloc(12, 9);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(CONTEXT);
    const bytes = Buffer.concat([cipher.update(PLAIN), cipher.final()]);
    const stored = Buffer.concat([info, nonce, bytes, cipher.getAuthTag()]);
    expect(text(await new ExtendedNonceCipher(seed).open(stored, CONTEXT))).toBe(text(PLAIN));
    expect(Buffer.from(hkdfSync('sha256', seed, '', info, 32)).equals(key)).toBe(false);
  });

  test('secretbox: nonce and box (vector of NaCl)', async () => {
    // From nacl-20110221/tests/secretbox.c.
    const hex = (digits: string) => Buffer.from(digits, 'hex');
    const key = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
    const nonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37');
    const box = hex(
      'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
    );
    const plain = hex(
      'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
    );
    expect(await new SecretboxCipher(key).open(Buffer.concat([nonce, box]))).toEqual(new Uint8Array(plain));
  });
});
