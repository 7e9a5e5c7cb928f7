/** Restricts the secrets that pods of a service account may use, if the account enables it. */

import type { Container, EphemeralContainer, PodSpec, ServiceAccount } from '../apis/core/v1/types.ts';
import { parseBool } from '../util/parse-bool.ts';

const ANNOTATION = 'kubernetes.io/enforce-mountable-secrets';

export interface SecretReference {
  readonly name: string;
  /** The referrer, for messages; ends with the word before `secret.secretName`. */
  readonly by: string;
}

export function enforcesMountableSecrets({ metadata: { annotations = {} } }: ServiceAccount): boolean {
  return Object.hasOwn(annotations, ANNOTATION) && parseBool(annotations[ANNOTATION]!) === true;
}

export function* secretReferences(spec: PodSpec): Generator<SecretReference> {
  for (const { secret } of spec.volumes ?? []) {
    if (secret !== undefined) yield { name: secret.secretName ?? '', by: 'volume with' };
  }
  for (const container of spec.initContainers ?? []) yield* environment(container, 'init container');
  for (const container of spec.containers ?? []) yield* environment(container, 'container');
}

export function* ephemeralSecretReferences(spec: PodSpec): Generator<SecretReference> {
  for (const container of spec.ephemeralContainers ?? [])
    yield* environment(container, 'ephemeral container');
}

function* environment(container: Container | EphemeralContainer, sort: string): Generator<SecretReference> {
  for (const { name: variable, valueFrom } of container.env ?? []) {
    const name = valueFrom?.secretKeyRef?.name;
    if (name === undefined) continue;
    yield { name, by: `${sort} ${container.name} with envVar ${variable} referencing` };
  }
  for (const { secretRef } of container.envFrom ?? []) {
    if (secretRef === undefined) continue;
    yield { name: secretRef.name ?? '', by: `${sort} ${container.name} with envFrom referencing` };
  }
}

/** The reason why a reference isn't allowed; undefined if all are. */
export function disallowedSecret(
  references: Iterable<SecretReference>,
  { metadata, secrets }: ServiceAccount,
): string | undefined {
  const allowed = new Set((secrets ?? []).map(({ name }) => name));
  for (const { name, by } of references) {
    if (allowed.has(name)) continue;
    return `${by} secret.secretName="${name}" is not allowed because service account ${metadata.name} does not reference that secret`;
  }
  return undefined;
}

export function disallowedPullSecret(spec: PodSpec, account: ServiceAccount): string | undefined {
  const allowed = new Set((account.imagePullSecrets ?? []).map(({ name }) => name));
  const secrets = spec.imagePullSecrets ?? [];
  const index = secrets.findIndex(({ name }) => !allowed.has(name));
  if (index < 0) return undefined;
  return `imagePullSecrets[${index}].name="${secrets[index]!.name}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`;
}
