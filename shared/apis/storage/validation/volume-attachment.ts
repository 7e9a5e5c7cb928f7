/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/storage/validation/validation.go */

import {
  type FieldError,
  forbidden,
  invalid,
  invalidEach,
  required,
  tooLong,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { byteLength, inclusiveRangeError } from '../../../meta/validation/format.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import { validatePersistentVolumeSpec } from '../../core/validation/persistent-volumes.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from '../v1/types.ts';
import { mapSize } from './parameters.ts';

const SPEC = FieldPath.of('spec');
const SOURCE = SPEC.child('source');
const STATUS = FieldPath.of('status');
const MAX_METADATA_SIZE = 256 * 1024;
const MAX_MESSAGE_SIZE = 1024;
const MAX_INT32 = 2 ** 31 - 1;
const EXACTLY_ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

export function validateVolumeAttachment({ spec, status }: VolumeAttachment): FieldError[] {
  const { attacher, source, nodeName } = spec;
  const errors = [
    ...validateCSIDriverName(attacher, SPEC.child('attacher')),
    ...validateSource(source),
    ...invalidEach(SPEC.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName)),
  ];
  if (mapSize(status.attachmentMetadata) > MAX_METADATA_SIZE) {
    errors.push(tooLong(STATUS.child('attachmentMetadata'), MAX_METADATA_SIZE));
  }
  appendAll(
    errors,
    validateVolumeError(status.attachError, STATUS.child('attachError')),
    validateVolumeError(status.detachError, STATUS.child('detachError')),
  );
  const { persistentVolumeName: volume } = source;
  if (volume === undefined) return errors;
  const path = FieldPath.of('spec.source.persistentVolumeName');
  return errors.concat(invalidEach(path, volume, isDNS1123Subdomain(volume)));
}

export function validateVolumeAttachmentUpdate(
  attachment: VolumeAttachment,
  old: VolumeAttachment,
): FieldError[] {
  return [
    ...validateVolumeAttachment(attachment),
    ...validateImmutableField(attachment.spec, old.spec, SPEC),
  ];
}

function validateSource({ inlineVolumeSpec, persistentVolumeName }: VolumeAttachmentSource): FieldError[] {
  if (!inlineVolumeSpec && persistentVolumeName === undefined) return [required(SOURCE, EXACTLY_ONE)];
  if (inlineVolumeSpec && persistentVolumeName !== undefined) return [forbidden(SOURCE, EXACTLY_ONE)];
  if (inlineVolumeSpec) {
    return validatePersistentVolumeSpec(inlineVolumeSpec, '', SOURCE.child('inlineVolumeSpec'), {
      inline: true,
    });
  }
  if (persistentVolumeName !== '') return [];
  return [required(SOURCE.child('persistentVolumeName'), 'must specify non empty persistentVolumeName')];
}

function validateVolumeError(error: VolumeError | undefined, path: FieldPath): FieldError[] {
  if (!error) return [];
  const { message = '', errorCode } = error;
  // Upstream reports the other limit.
  const errors =
    byteLength(message) > MAX_MESSAGE_SIZE ? [tooLong(path.child('message'), MAX_METADATA_SIZE)] : [];
  if (errorCode === undefined || errorCode >= 0) return errors;
  return [...errors, invalid(path.child('errorCode'), errorCode, inclusiveRangeError(0, MAX_INT32))];
}
