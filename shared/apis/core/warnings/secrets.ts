/** Warns about certificates that don't match their keys, with the text of Go's `tls.X509KeyPair`. */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { decodePEM, type PEMBlock } from '../../../util/pem.ts';
import type { Secret } from '../v1/types.ts';

const blocksOf = (base64: string | undefined): PEMBlock[] => [
  ...decodePEM(Buffer.from(base64 ?? '', 'base64').toString('latin1')),
];

const isKey = ({ type }: PEMBlock): boolean => type.endsWith('PRIVATE KEY');
const typesOf = (blocks: readonly PEMBlock[]): string => `[${blocks.map(({ type }) => type).join(' ')}]`;

function certificateOf(blocks: readonly PEMBlock[]): X509Certificate {
  const block = blocks.find(({ type }) => type === 'CERTIFICATE');
  if (block === undefined) {
    if (blocks.length === 0) throw new Error('tls: failed to find any PEM data in certificate input');
    if (blocks.length === 1 && isKey(blocks[0]!)) {
      throw new Error(
        'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
      );
    }
    throw new Error(
      `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${typesOf(blocks)}`,
    );
  }
  try {
    return new X509Certificate(block.text);
  } catch {
    throw new Error('x509: malformed certificate');
  }
}

function privateKeyOf(blocks: readonly PEMBlock[]): KeyObject {
  const block = blocks.find(isKey);
  if (block === undefined) {
    if (blocks.length === 0) throw new Error('tls: failed to find any PEM data in key input');
    if (blocks.length === 1 && blocks[0]!.type === 'CERTIFICATE') {
      throw new Error('tls: found a certificate rather than a key in the PEM for the private key');
    }
    throw new Error(
      `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${typesOf(blocks)}`,
    );
  }
  try {
    return createPrivateKey(block.text);
  } catch {
    throw new Error('tls: failed to parse private key');
  }
}

function checkPair(certificateBase64: string | undefined, keyBase64: string | undefined): void {
  const certificateBlocks = blocksOf(certificateBase64);
  const certificate = certificateOf(certificateBlocks);
  const key = privateKeyOf(blocksOf(keyBase64));
  if (certificate.publicKey.asymmetricKeyType !== key.asymmetricKeyType) {
    throw new Error('tls: private key type does not match public key type');
  }
  if (!certificate.checkPrivateKey(key)) throw new Error('tls: private key does not match public key');
}

export function warningsForSecret({ type, data }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return [];
  try {
    checkPair(data?.['tls.crt'], data?.['tls.key']);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
