import type { KubeObject } from '../../meta/kube-object.ts';
import type { OwnerReference } from '../../meta/v1/types.ts';
import type { ServingContext } from '../routing/serving-context.ts';

const sameReference = (a: OwnerReference, b: OwnerReference): boolean =>
  a.uid === b.uid &&
  a.name === b.name &&
  a.kind === b.kind &&
  a.apiVersion === b.apiVersion &&
  a.controller === b.controller &&
  a.blockOwnerDeletion === b.blockOwnerDeletion;

/** Drops repeated owner references and warns of them, as the server does since 1.20. */
export function dedupOwnerReferences(
  context: ServingContext,
  { metadata }: KubeObject,
  afterMutatingAdmission: boolean,
): void {
  const references = metadata.ownerReferences;
  if (references === undefined || references === null || references.length < 2) return;
  const kept: OwnerReference[] = [];
  const duplicates: string[] = [];
  for (const reference of references) {
    if (kept.some((other) => sameReference(other, reference))) duplicates.push(reference.uid);
    else kept.push(reference);
  }
  if (duplicates.length === 0) return;
  metadata.ownerReferences = kept;
  const when = afterMutatingAdmission ? ' after mutating admission happens' : '';
  context.addWarning(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  );
}
