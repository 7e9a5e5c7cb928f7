/** Rules for namespaces. */

import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { Namespace } from '../v1/types.ts';
import { validateKubeFinalizerName, validateQualifiedName } from './helpers.ts';

const FINALIZERS = FieldPath.of('spec', 'finalizers');

function validateFinalizer(name: string, path: FieldPath): FieldError[] {
  return [...validateQualifiedName(name, path), ...validateKubeFinalizerName(name, path)];
}

export function validateNamespace({ spec }: Namespace): FieldError[] {
  return (spec?.finalizers ?? []).flatMap((name) => validateFinalizer(name, FINALIZERS));
}

/** The phase must be Terminating if and only if the namespace is being deleted. */
export function validateNamespaceStatusUpdate({ metadata, status }: Namespace): FieldError[] {
  const phase = status?.phase ?? '';
  const deleting = metadata.deletionTimestamp !== undefined;
  const expected = deleting ? 'Terminating' : 'Active';
  if (phase === expected) return [];
  const when = deleting ? 'is not empty' : 'is empty';
  const detail = `may only be '${expected}' if \`deletionTimestamp\` ${when}`;
  return [invalid('status.Phase', phase, detail)];
}

export function validateNamespaceFinalizeUpdate({ spec }: Namespace): FieldError[] {
  return (spec?.finalizers ?? []).flatMap((name, index) => validateFinalizer(name, FINALIZERS.index(index)));
}
