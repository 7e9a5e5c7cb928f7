/** https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/encryptionconfig/config.go */

import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';
import type { ValueTransformer } from '../storage.ts';
import { AESCBCCipher } from './aes-cbc.ts';
import { AESGCMCipher } from './aes-gcm.ts';
import type { Cipher } from './cipher.ts';
import type { EncryptionProvider, ResourceEncryption } from './configuration.ts';
import { AWSKeyService } from './envelope/aws-key-service.ts';
import { EnvelopeTransformer } from './envelope/envelope-transformer.ts';
import type { KeyService } from './envelope/key-service.ts';
import {
  CipherTransformer,
  IDENTITY,
  type PrefixedTransformer,
  PrefixTransformers,
} from './prefix-transformer.ts';
import { SecretboxCipher } from './secretbox.ts';

type KMSProvider = Extract<EncryptionProvider, { readonly type: 'kms' }>;
export type NewKeyService = (provider: KMSProvider) => KeyService;

const CIPHERS: Readonly<Record<'aesgcm' | 'aescbc' | 'secretbox', (key: Uint8Array) => Cipher>> = {
  aesgcm: (key) => new AESGCMCipher(key),
  aescbc: (key) => new AESCBCCipher(key),
  secretbox: (key) => new SecretboxCipher(key),
};

function prefixed(provider: EncryptionProvider, newKeyService: NewKeyService): PrefixedTransformer {
  switch (provider.type) {
    case 'identity':
      return { prefix: '', transformer: IDENTITY };
    case 'kms': {
      const transformer = new EnvelopeTransformer(newKeyService(provider));
      return { prefix: `k8s:enc:kms:v2:${provider.name}:`, transformer };
    }
    default: {
      const { type, keys } = provider;
      const byKey = keys.map(({ name, secret }) => ({
        prefix: `${name}:`,
        transformer: new CipherTransformer(CIPHERS[type](secret)),
      }));
      const noMatch = `no matching key was found for the provided ${type} transformer`;
      return { prefix: `k8s:enc:${type}:v1:`, transformer: new PrefixTransformers(byKey, noMatch) };
    }
  }
}

/** The transformer of a resource; undefined: it is not encrypted. */
export type TransformerFor = (resource: GroupResource) => ValueTransformer | undefined;

/** Rules for a resource take precedence over rules for its group, and those over rules for all resources. */
export function transformersOf(
  entries: readonly ResourceEncryption[],
  newKeyService: NewKeyService = (provider) => new AWSKeyService(provider),
): TransformerFor {
  const lists = new Map<string, PrefixedTransformer[]>();
  for (const { resources, providers } of entries) {
    const transformers = providers.map((provider) => prefixed(provider, newKeyService));
    for (const resource of resources) {
      const name = formatGroupResource(resource);
      lists.set(name, [...(lists.get(name) ?? []), ...transformers]);
    }
  }
  const transformers = new Map(
    [...lists].map(([name, list]) => [name, new PrefixTransformers(list, 'no matching prefix found')]),
  );
  return (resource) =>
    [resource, { group: resource.group, resource: '*' }, { group: '*', resource: '*' }]
      .map((one) => transformers.get(formatGroupResource(one)))
      .find((transformer) => transformer !== undefined);
}
