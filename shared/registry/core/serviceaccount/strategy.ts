import type { ServiceAccount } from '../../../apis/core/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

const MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';

const isAnnotated = ({ metadata }: ServiceAccount): boolean =>
  Object.hasOwn(metadata.annotations ?? {}, MOUNTABLE_SECRETS);

function warningsFor(account: ServiceAccount): string[] {
  if (!isAnnotated(account)) return [];
  return [
    `metadata.annotations[${MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
  ];
}

/** Keeps only the names of secrets. */
function cleanSecretReferences(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => ({ name }));
}

export const serviceAccountStrategy: RESTStrategy<ServiceAccount> = {
  kind: { group: '', kind: 'ServiceAccount' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  prepareForCreate: (_context, object) => cleanSecretReferences(object),
  warningsOnCreate: (_context, object) => warningsFor(object),
  prepareForUpdate: (_context, object) => cleanSecretReferences(object),
  warningsOnUpdate: (_context, object, old) => (isAnnotated(old) ? [] : warningsFor(object)),
};
