/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/storage/validation/validation.go */

import { duplicate, type FieldError, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { validateLabelName } from '../../../meta/validation/object-meta.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import type { TopologySelectorLabelRequirement, TopologySelectorTerm } from '../../core/v1/types.ts';
import type { StorageClass } from '../v1/types.ts';
import { validateParameters, validateProvisioner } from './parameters.ts';

const BINDING_MODE = FieldPath.of('volumeBindingMode');
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];
const RECLAIM_POLICY = FieldPath.of('reclaimPolicy');
const RECLAIM_POLICIES = ['Delete', 'Retain'];
const TOPOLOGIES = FieldPath.of('allowedTopologies');

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies } = storageClass;
  const errors = [
    ...validateProvisioner(provisioner, FieldPath.of('provisioner')),
    ...validateParameters(parameters, FieldPath.of('parameters')),
  ];
  if (reclaimPolicy && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    errors.push(notSupported(RECLAIM_POLICY, reclaimPolicy, RECLAIM_POLICIES));
  }
  if (volumeBindingMode === undefined) errors.push(required(BINDING_MODE, ''));
  else if (!BINDING_MODES.includes(volumeBindingMode)) {
    errors.push(notSupported(BINDING_MODE, volumeBindingMode, BINDING_MODES));
  }
  return errors.concat(validateAllowedTopologies(allowedTopologies ?? []));
}

const IMMUTABLE = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const;

export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  return [
    ...validateStorageClass(storageClass),
    ...IMMUTABLE.flatMap((field) =>
      validateImmutableField(storageClass[field], old[field], FieldPath.of(field)),
    ),
  ];
}

/** Equal for terms that select the same topologies. */
function keyOf({ matchLabelExpressions }: TopologySelectorTerm): string {
  const byKey = (matchLabelExpressions ?? []).map(({ key, values }) => [
    key,
    [...new Set(values ?? [])].sort(),
  ]);
  return JSON.stringify(byKey.sort());
}

/** Maximum number of duplicates reported: the number of pairs of equal terms is quadratic. */
const MAX_DUPLICATES = 10_000;

function validateAllowedTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  // Upstream's list of previous terms begins with as many empty ones.
  const seen = new Map([[keyOf({}), terms.length]]);
  let room = MAX_DUPLICATES;
  return terms.flatMap((term, index) => {
    const path = TOPOLOGIES.index(index).child('matchLabelExpressions');
    const key = keyOf(term);
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    const errors = validateTerm(term, path);
    for (let reported = 0; reported < count && room > 0; reported++, room--) errors.push(duplicate(path, ''));
    return errors;
  });
}

function validateTerm({ matchLabelExpressions }: TopologySelectorTerm, path: FieldPath): FieldError[] {
  const keys = new Set<string>();
  return (matchLabelExpressions ?? []).flatMap((requirement, index) => {
    const errors = validateRequirement(requirement, path.index(index));
    const { key } = requirement;
    if (keys.has(key)) errors.push(duplicate(path.index(index).child('key'), key));
    keys.add(key);
    return errors;
  });
}

function validateRequirement(
  { key, values }: TopologySelectorLabelRequirement,
  path: FieldPath,
): FieldError[] {
  const at = path.child('values');
  const errors = values?.length ? [] : [required(at, '')];
  const isRepeated = seenBefore<string>();
  const duplicates = (values ?? []).flatMap((value, index) =>
    isRepeated(value) ? [duplicate(at.index(index), value)] : [],
  );
  return [...errors, ...duplicates, ...validateLabelName(key, path.child('key'))];
}
