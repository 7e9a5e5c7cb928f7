/** https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/etcd.go, encryptionconfig/controller */

import type { HealthChecker } from '../endpoints/healthz/healthz.ts';
import type { ResourceEncryption } from '../storage/encryption/configuration.ts';
import { dynamicTransformers } from '../storage/encryption/dynamic-transformers.ts';
import { type NewKeyService, type TransformerFor, transformersOf } from '../storage/encryption/encryption.ts';
import { AWSKeyService } from '../storage/encryption/envelope/aws-key-service.ts';
import { KeyServiceHealth } from '../storage/encryption/envelope/key-service-health.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { type FileParts, reloadedFile } from './options/config-files.ts';

export interface Encryption {
  readonly transformerFor: TransformerFor;
  /** For `/healthz` and `/readyz` only: missing keys are no reason to restart the process. */
  readonly healthChecks: readonly HealthChecker[];
}

interface Transformers {
  readonly transformerFor: TransformerFor;
  readonly keyServices: readonly KeyServiceHealth[];
}

const newAWSKeyService: NewKeyService = (provider) => new AWSKeyService(provider);

function transformers(entries: readonly ResourceEncryption[], newKeyService: NewKeyService): Transformers {
  const keyServices: KeyServiceHealth[] = [];
  const transformerFor = transformersOf(entries, (provider) => {
    const service = newKeyService(provider);
    keyServices.push(new KeyServiceHealth(service));
    return service;
  });
  return { transformerFor, keyServices };
}

async function checkAll({ keyServices }: Transformers): Promise<void> {
  await Promise.all(keyServices.map((service) => service.check()));
}

/** Encryption at rest according to `--encryption-provider-config`, which is reloaded when it changes. */
export function buildEncryption(
  options: CompletedOptions,
  parts: FileParts,
  newKeyService: NewKeyService = newAWSKeyService,
): Encryption {
  const initial = transformers(parts.files.encryptionProviderConfig ?? [], newKeyService);
  if (!options.encryptionProviderConfigAutomaticReload) {
    const healthChecks = initial.keyServices.map((service, index) => ({
      name: `kms-provider-${index}`,
      check: () => service.check(),
    }));
    return { transformerFor: initial.transformerFor, healthChecks };
  }
  const file = reloadedFile('encryptionProviderConfig', options, parts, {
    value: initial,
    async make(entries) {
      const next = transformers(entries, newKeyService);
      await checkAll(next);
      return next;
    },
  });
  return {
    transformerFor: dynamicTransformers(async () => (await file.current()).transformerFor),
    healthChecks: [{ name: 'kms-providers', check: async () => checkAll(await file.current()) }],
  };
}
