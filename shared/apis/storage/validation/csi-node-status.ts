/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/storage/validation/validation.go */

import {
  duplicate,
  type FieldError,
  invalidEach,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isValidConditionReason } from '../../../meta/validation/conditions.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';
import type { CSINode, StorageHealth, StorageHealthCondition } from '../v1/types.ts';

const HEALTH = FieldPath.of('status', 'storageHealth');
const STATUSES = ['StorageDegraded', 'StorageUnreachable'];
const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Filesystem', 'Block'];
const MAX_CONDITIONS = 16;
const MAX_REASON = 256;
const MAX_MESSAGE = 1024;

export function validateCSINodeStatusUpdate({ status }: CSINode): FieldError[] {
  const isRepeated = seenBefore<string>();
  return (status?.storageHealth ?? []).flatMap((health, index) => {
    const path = HEALTH.index(index);
    return [
      ...(isRepeated(health.name) ? [duplicate(path, health.name)] : []),
      ...validateHealth(health, path),
    ];
  });
}

function validateHealth({ name, healthConditions }: StorageHealth, path: FieldPath): FieldError[] {
  const at = path.child('name');
  const errors = name === '' ? [required(at, '')] : validateCSIDriverName(name, at);
  const conditions = healthConditions ?? [];
  const list = path.child('healthConditions');
  if (conditions.length > MAX_CONDITIONS)
    return [...errors, tooMany(list, conditions.length, MAX_CONDITIONS)];
  return errors.concat(
    conditions.flatMap((condition, index) => validateCondition(condition, list.index(index))),
  );
}

function validateCondition(condition: StorageHealthCondition, path: FieldPath): FieldError[] {
  const { status, reason, message = '', accessMode, volumeMode } = condition;
  const oneOf = (field: string, value: string | null | undefined, values: readonly string[]): FieldError[] =>
    value === undefined || value === null || values.includes(value)
      ? []
      : [notSupported(path.child(field), value, values)];
  const at = path.child('reason');
  return [
    ...oneOf('status', status, STATUSES),
    ...(reason === '' ? [required(at, '')] : invalidEach(at, reason, isValidConditionReason(reason))),
    ...(byteLength(reason) > MAX_REASON ? [tooLong(at, MAX_REASON)] : []),
    ...(byteLength(message) > MAX_MESSAGE ? [tooLong(path.child('message'), MAX_MESSAGE)] : []),
    ...oneOf('accessMode', accessMode, ACCESS_MODES),
    ...oneOf('volumeMode', volumeMode, VOLUME_MODES),
  ];
}
