import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid, invalidEach } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { IS_NEGATIVE_ERROR } from '../../../meta/validation/format.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { shownSelector } from '../../apps/validation/selector.ts';
import type { CSIStorageCapacity } from '../v1/types.ts';

const NODE_TOPOLOGY = FieldPath.of('nodeTopology');
const STORAGE_CLASS_NAME = FieldPath.of('storageClassName');
const CAPACITY = FieldPath.of('capacity');

/** `old` is the stored object, whose invalid label values an update may keep. */
export function validateCSIStorageCapacity(
  { nodeTopology, storageClassName: name, capacity }: CSIStorageCapacity,
  old?: CSIStorageCapacity,
): FieldError[] {
  const allowInvalidLabelValueInSelector = validateLabelSelector(old?.nodeTopology, NODE_TOPOLOGY).length > 0;
  const errors = [
    ...validateLabelSelector(nodeTopology, NODE_TOPOLOGY, { allowInvalidLabelValueInSelector }),
    ...invalidEach(STORAGE_CLASS_NAME, name, isDNS1123Subdomain(name)),
  ];
  if (capacity === undefined || Quantity.parse(capacity).sign >= 0) return errors;
  return [...errors, invalid(CAPACITY, capacity, IS_NEGATIVE_ERROR)];
}

export function validateCSIStorageCapacityUpdate(
  capacity: CSIStorageCapacity,
  old: CSIStorageCapacity,
): FieldError[] {
  const { nodeTopology, storageClassName } = capacity;
  const errors = validateCSIStorageCapacity(capacity, old);
  if (!semanticDeepEqual(nodeTopology, old.nodeTopology)) {
    errors.push(invalid(NODE_TOPOLOGY, shownSelector(nodeTopology), FIELD_IMMUTABLE));
  }
  if (storageClassName !== old.storageClassName) {
    errors.push(invalid(STORAGE_CLASS_NAME, storageClassName, FIELD_IMMUTABLE));
  }
  return errors;
}
