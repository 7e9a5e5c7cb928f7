/** Rules for iSCSI volumes. */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength, inclusiveRangeError } from '../../../meta/validation/format.ts';
import type { ISCSIPersistentVolumeSource, ISCSIVolumeSource } from '../v1/types.ts';
import { requireSecretRef } from './volume-sources.ts';

const FORMATS: Readonly<Record<string, (name: string) => boolean>> = {
  iqn: isIQN,
  eui: (name) => /^eui.[a-zA-Z0-9]{16}$/.test(name),
  naa: (name) => /^naa.[a-zA-Z0-9]{32}$/.test(name),
};

/** Whether the name ends in `iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$`. Scans each part once. */
function isIQN(name: string): boolean {
  const parts = name
    .split(/[,;*&$|\s]/)
    .at(-1)!
    .split(':');
  // The text after the colon must not be empty.
  const ended = parts.at(-1) === '' ? parts.slice(0, -2) : parts.slice(0, -1);
  return ended.some((part) => /iqn\.\d{4}-\d{2}\../.test(part.split(/[^a-zA-Z0-9.-]/).at(-1)!));
}
const MAX_PORTAL_LENGTH = 64;
const TOO_LONG =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

function validateIQN(name: string, path: FieldPath, unknownPrefix: string): FieldError[] {
  const prefix = name.slice(0, 3);
  if (!Object.hasOwn(FORMATS, prefix)) return [invalid(path, name, unknownPrefix)];
  return FORMATS[prefix]!(name) ? [] : [invalid(path, name, 'must be valid format')];
}

type ISCSI = ISCSIVolumeSource | ISCSIPersistentVolumeSource;

function isPortalTooLong(volumeName: string, { initiatorName, targetPortal }: ISCSI): boolean {
  return initiatorName !== undefined && byteLength(`${volumeName}:${targetPortal}`) > MAX_PORTAL_LENGTH;
}

function validateCommon(iscsi: ISCSI, path: FieldPath, unknownPrefix: string): FieldError[] {
  const { iqn, lun, chapAuthDiscovery, chapAuthSession } = iscsi;
  const errors = iqn ? validateIQN(iqn, path.child('iqn'), unknownPrefix) : [required(path.child('iqn'), '')];
  if (lun < 0 || lun > 255) errors.push(invalid(path.child('lun'), lun, inclusiveRangeError(0, 255)));
  if ((chapAuthDiscovery || chapAuthSession) && !iscsi.secretRef) {
    errors.push(required(path.child('secretRef'), ''));
  }
  return errors;
}

function validateInitiator({ initiatorName }: ISCSI, path: FieldPath, unknownPrefix: string): FieldError[] {
  if (initiatorName === undefined) return [];
  return validateIQN(initiatorName, path.child('initiatorname'), unknownPrefix);
}

export function validateISCSI(iscsi: ISCSIVolumeSource, path: FieldPath): FieldError[] {
  const unknownPrefix = 'must be valid format starting with iqn, eui, or naa';
  return [
    ...(iscsi.targetPortal ? [] : [required(path.child('targetPortal'), '')]),
    ...validateCommon(iscsi, path, unknownPrefix),
    ...validateInitiator(iscsi, path, unknownPrefix),
  ];
}

/** For a pod's volume, whose name counts towards the maximum length. */
export function validateISCSIVolumeName(
  name: string,
  iscsi: ISCSIVolumeSource,
  path: FieldPath,
): FieldError[] {
  return isPortalTooLong(name, iscsi) ? [invalid(path.child('name'), name, TOO_LONG)] : [];
}

export function validateISCSIPersistent(
  iscsi: ISCSIPersistentVolumeSource,
  volumeName: string,
  path: FieldPath,
): FieldError[] {
  const unknownPrefix = 'must be valid format';
  const errors = iscsi.targetPortal ? [] : [required(path.child('targetPortal'), '')];
  if (isPortalTooLong(volumeName, iscsi)) {
    errors.push(invalid(path.child('targetportal'), iscsi.targetPortal, TOO_LONG));
  }
  return [
    ...errors,
    ...validateCommon(iscsi, path, unknownPrefix),
    ...requireSecretRef(iscsi.secretRef, ['name'], path.child('secretRef')),
    ...validateInitiator(iscsi, path, unknownPrefix),
  ];
}
