/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/storage/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { duplicate, type FieldError, invalid, invalidEach, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isQualifiedName } from '../../../meta/validation/names.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import { entryOf } from '../../../util/entry-of.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';
import type { CSINode, CSINodeDriver } from '../v1/types.ts';

const DRIVERS = FieldPath.of('spec', 'drivers');
const MAX_NODE_ID_LENGTH = 256;

export function validateCSINode({ spec }: CSINode): FieldError[] {
  const names = new Set<string>();
  return (spec.drivers ?? []).flatMap((driver, index) => validateDriver(driver, names, DRIVERS.index(index)));
}

/** The entry of a driver is immutable except for its number of volumes. */
export function validateCSINodeUpdate(node: CSINode, old: CSINode): FieldError[] {
  const errors = validateCSINode(node);
  const byName = new Map<string, CSINodeDriver[]>();
  for (const driver of node.spec.drivers ?? []) entryOf(byName, driver.name, () => []).push(driver);
  for (const stored of old.spec.drivers ?? []) {
    for (const driver of byName.get(stored.name) ?? []) {
      if (semanticDeepEqual(fixed(driver), fixed(stored))) continue;
      const { name, nodeID, topologyKeys = null } = driver;
      const shown = { Name: name, NodeID: nodeID, TopologyKeys: topologyKeys, Allocatable: null };
      errors.push(invalid(DRIVERS, shown, FIELD_IMMUTABLE));
    }
  }
  return errors;
}

const fixed = ({ allocatable: _, ...driver }: CSINodeDriver) => driver;

function validateDriver(driver: CSINodeDriver, names: Set<string>, path: FieldPath): FieldError[] {
  const { name, nodeID, allocatable, topologyKeys } = driver;
  const id = path.child('nodeID');
  const errors = validateCSIDriverName(name, path.child('name'));
  if (nodeID === '') errors.push(required(id, ''));
  if (byteLength(nodeID) > MAX_NODE_ID_LENGTH) {
    errors.push(invalid(id, nodeID, `must be ${MAX_NODE_ID_LENGTH} characters or less`));
  }
  appendAll(errors, validateNonnegativeField(allocatable?.count, path.child('allocatable', 'count')));
  if (names.has(name)) errors.push(duplicate(path.child('name'), name));
  names.add(name);
  const seen = new Set<string>();
  for (const key of topologyKeys ?? []) {
    if (key === '') errors.push(required(path, ''));
    if (seen.has(key)) errors.push(duplicate(path, key));
    seen.add(key);
    appendAll(errors, invalidEach(path, key, isQualifiedName(key)));
  }
  return errors;
}
