import type { KubeObject } from '../../meta/kube-object.ts';
import type { OwnerReference } from '../../meta/v1/types.ts';
import type { ServingContext } from '../routing/serving-context.ts';

const identity = (reference: OwnerReference): string =>
  JSON.stringify([
    reference.uid,
    reference.name,
    reference.kind,
    reference.apiVersion,
    reference.controller,
    reference.blockOwnerDeletion,
  ]);

/** Removes duplicate owner references and adds a warning, as upstream does since 1.20. */
export function dedupOwnerReferences(
  context: ServingContext,
  { metadata }: KubeObject,
  stage: 'received' | 'admitted',
): void {
  const references = metadata.ownerReferences;
  if (references === undefined || references === null || references.length < 2) return;
  const kept: OwnerReference[] = [];
  const duplicates: string[] = [];
  const seen = new Set<string>();
  for (const reference of references) {
    const key = identity(reference);
    if (seen.has(key)) duplicates.push(reference.uid);
    else kept.push(reference);
    seen.add(key);
  }
  if (duplicates.length === 0) return;
  metadata.ownerReferences = kept;
  const when = stage === 'admitted' ? ' after mutating admission happens' : '';
  context.addWarning(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  );
}
