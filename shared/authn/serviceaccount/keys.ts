/** https://github.com/kubernetes/kubernetes/blob/master/pkg/serviceaccount/jwt.go */

import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { decodePEM } from '../../util/pem.ts';

export interface ServiceAccountPublicKey {
  readonly keyID: string;
  readonly key: KeyObject;
  /** The `alg` of tokens signed with this key; tokens with any other are rejected. */
  readonly algorithm: string;
}

export interface ServiceAccountSigningKey extends ServiceAccountPublicKey {}

/** Public keys that may have signed a token. They are read on demand. */
export interface PublicKeysGetter {
  /** `keyID`: the key that the token names, which may be newer than the keys read last; '' if it names none. */
  getPublicKeys(keyID: string): Promise<readonly ServiceAccountPublicKey[]>;
}

/** Upstream's `StaticPublicKeysGetter`. */
export function staticPublicKeys(keys: readonly ServiceAccountPublicKey[]): PublicKeysGetter {
  return { getPublicKeys: async () => keys };
}

/** Returns the current signing key. */
export type GetSigningKey = () => Promise<ServiceAccountSigningKey>;

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const algorithm =
    key.asymmetricKeyType === 'ec' && Object.hasOwn(CURVES, curve) ? CURVES[curve] : undefined;
  if (algorithm === undefined)
    throw new Error('unknown public key type, must be RSA or ECDSA with curve 256, 384, or 521');
  return algorithm;
}

/** A digest of the public key. */
function keyIDOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64url');
}

/** The public keys in a PEM file of public keys, private keys and certificates. Throws if there are none. */
export function parsePublicKeys(pem: string): ServiceAccountPublicKey[] {
  const keys = [...decodePEM(pem)]
    .filter(({ type }) => type !== 'EC PARAMETERS')
    .map(({ text }) => createPublicKey(text));
  if (keys.length === 0) throw new Error('data does not contain any valid RSA or ECDSA public keys');
  return keys.map((key) => ({ key, keyID: keyIDOf(key), algorithm: algorithmOf(key) }));
}

/** The first private key of a PEM file. Throws if there is none. */
export function parseSigningKey(pem: string): ServiceAccountSigningKey {
  const block = [...decodePEM(pem)].find(({ type }) => type.endsWith('PRIVATE KEY'));
  if (block === undefined) throw new Error('data does not contain a valid RSA or ECDSA private key');
  const key = createPrivateKey(block.text);
  return { key, keyID: keyIDOf(createPublicKey(key)), algorithm: algorithmOf(key) };
}
