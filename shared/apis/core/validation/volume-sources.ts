/** Rules for sources common to volumes of pods and persistent volumes, one function per source. */

import { type FieldError, invalid, notSupported, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength, inclusiveRangeError } from '../../../meta/validation/format.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
  StorageOSVolumeSource,
} from '../v1/types.ts';
import { invalidEach, sortedEntries, validateDNS1123Label } from './helpers.ts';
import { validatePathNoBacksteps } from './paths.ts';

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];
const MANAGED_DISK_URI =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_DISK_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

/** Each of the named fields must be set. */
export function requireFields<T extends object>(
  source: T,
  fields: readonly (keyof T & string)[],
  path: FieldPath,
): FieldError[] {
  const isEmpty = (value: unknown): boolean => !value || (Array.isArray(value) && value.length === 0);
  return fields.filter((field) => isEmpty(source[field])).map((field) => required(path.child(field), ''));
}

/** A reference to a secret must set the named fields if it is present. */
export function requireSecretRef(
  reference: { readonly name?: string | undefined; readonly namespace?: string | undefined } | undefined,
  fields: readonly ('name' | 'namespace')[],
  path: FieldPath,
): FieldError[] {
  return reference ? requireFields(reference, fields, path) : [];
}

export function validateHostPath(hostPath: HostPathVolumeSource, path: FieldPath): FieldError[] {
  if (!hostPath.path) return [required(path.child('path'), '')];
  const errors = validatePathNoBacksteps(hostPath.path, path.child('path'));
  const { type } = hostPath;
  if (type !== undefined && !HOST_PATH_TYPES.includes(type)) {
    errors.push(notSupported(path.child('type'), type, HOST_PATH_TYPES));
  }
  return errors;
}

export function validatePartition(partition: number | undefined, path: FieldPath): FieldError[] {
  const value = partition ?? 0;
  return value < 0 || value > 255 ? [invalid(path, value, inclusiveRangeError(1, 255))] : [];
}

export function validateNFS(nfs: NFSVolumeSource, path: FieldPath): FieldError[] {
  const errors = requireFields(nfs, ['server', 'path'], path);
  if (!nfs.path.startsWith('/'))
    errors.push(invalid(path.child('path'), nfs.path, 'must be an absolute path'));
  return errors;
}

/** Go's `net.SplitHostPort`. */
function isHostPort(text: string): boolean {
  return /^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(text);
}

export function validateQuobyte(quobyte: QuobyteVolumeSource, path: FieldPath): FieldError[] {
  const PAIRS = 'must be a host:port pair or multiple pairs separated by commas';
  const errors: FieldError[] = [];
  if (!quobyte.registry) errors.push(required(path.child('registry'), PAIRS));
  else if (byteLength(quobyte.tenant ?? '') >= 65) {
    const detail = 'must be a UUID and may not exceed a length of 64 characters';
    errors.push(required(path.child('tenant'), detail));
  } else {
    for (const pair of quobyte.registry.split(',')) {
      if (!isHostPort(pair)) errors.push(invalid(path.child('registry'), quobyte.registry, PAIRS));
    }
  }
  return [...errors, ...requireFields(quobyte, ['volume'], path)];
}

export function validateFlocker(
  { datasetName, datasetUUID }: FlockerVolumeSource,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!datasetName && !datasetUUID) {
    errors.push(required(path, 'one of datasetName and datasetUUID is required'));
  }
  if (datasetName && datasetUUID) {
    const detail = 'datasetName and datasetUUID can not be specified simultaneously';
    errors.push(invalid(path, 'resource', detail));
  }
  if (datasetName?.includes('/')) {
    errors.push(invalid(path.child('datasetName'), datasetName, "must not contain '/'"));
  }
  return errors;
}

export function validateFC(
  { targetWWNs = [], wwids = [], lun }: FCVolumeSource,
  path: FieldPath,
): FieldError[] {
  const at = path.child('targetWWNs');
  const errors: FieldError[] = [];
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(required(at, 'must specify either targetWWNs or wwids, but not both'));
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    errors.push(invalid(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  }
  if (targetWWNs.length === 0) return errors;
  if (lun === undefined)
    errors.push(required(path.child('lun'), 'lun is required if targetWWNs is specified'));
  else if (lun < 0 || lun > 255) errors.push(invalid(path.child('lun'), lun, inclusiveRangeError(0, 255)));
  return errors;
}

export function validateFlex(
  flex: Pick<FlexVolumeSource, 'driver' | 'options'>,
  path: FieldPath,
): FieldError[] {
  const errors = requireFields(flex, ['driver'], path);
  for (const [key] of sortedEntries(flex.options)) {
    const namespace = `.${key.split('/')[0]!.toLowerCase()}`;
    if (namespace.endsWith('.kubernetes.io') || namespace.endsWith('.k8s.io')) {
      const detail = 'kubernetes.io and k8s.io namespaces are reserved';
      errors.push(invalid(path.child('options').key(key), key, detail));
    }
  }
  return errors;
}

export function validateAzureDisk(disk: AzureDiskVolumeSource, path: FieldPath): FieldError[] {
  const errors = requireFields(disk, ['diskName', 'diskURI'], path);
  const { cachingMode, diskURI, kind } = disk;
  if (cachingMode !== undefined && !CACHING_MODES.includes(cachingMode)) {
    errors.push(notSupported(path.child('cachingMode'), cachingMode, CACHING_MODES));
  }
  if (kind === undefined) return errors;
  if (!DISK_KINDS.includes(kind)) errors.push(notSupported(path.child('kind'), kind, DISK_KINDS));
  if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/')) {
    errors.push(notSupported(path.child('diskURI'), diskURI, [MANAGED_DISK_URI]));
  }
  if (kind !== 'Managed' && !diskURI.startsWith('https://')) {
    errors.push(notSupported(path.child('diskURI'), diskURI, [BLOB_DISK_URI]));
  }
  return errors;
}

export function validateStorageOS(
  source: Pick<StorageOSVolumeSource, 'volumeName' | 'volumeNamespace'>,
  path: FieldPath,
): FieldError[] {
  const { volumeName, volumeNamespace } = source;
  const at = path.child('volumeName');
  const errors = volumeName ? validateDNS1123Label(volumeName, at) : [required(at, '')];
  if (volumeNamespace)
    appendAll(errors, validateDNS1123Label(volumeNamespace, path.child('volumeNamespace')));
  return errors;
}

export function validateCSIDriverName(driver: string, path: FieldPath): FieldError[] {
  if (driver === '') return [required(path, '')];
  const errors = byteLength(driver) > 63 ? [tooLong(path, 63)] : [];
  return [...errors, ...invalidEach(path, driver, isDNS1123Subdomain(driver.toLowerCase()))];
}
