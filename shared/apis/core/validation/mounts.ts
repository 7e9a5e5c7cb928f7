/** Rules for volume mounts and devices of containers. */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Container, EphemeralContainer, VolumeMount, VolumeSource } from '../v1/types.ts';
import { validateLocalDescendingPath, validatePathNoBacksteps } from './paths.ts';

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const BIND_OPTIONS = ['nodev', 'noexec', 'nosuid'];
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible'];

type Volumes = ReadonlyMap<string, VolumeSource>;

function validateMountPropagation(
  propagation: string,
  container: Container | EphemeralContainer,
  path: FieldPath,
): FieldError[] {
  const errors = PROPAGATIONS.includes(propagation) ? [] : [notSupported(path, propagation, PROPAGATIONS)];
  if (propagation === 'Bidirectional' && !container.securityContext?.privileged) {
    const detail = 'Bidirectional mount propagation is available only to privileged containers';
    errors.push(forbidden(path, detail));
  }
  return errors;
}

function validateRecursiveReadOnly(mount: VolumeMount, path: FieldPath): FieldError[] {
  const { recursiveReadOnly: mode, readOnly, mountPropagation } = mount;
  if (mode === undefined || mode === 'Disabled') return [];
  if (!RECURSIVE_READ_ONLY.includes(mode)) return [notSupported(path, mode, RECURSIVE_READ_ONLY)];
  const errors: FieldError[] = [];
  if (!readOnly) errors.push(forbidden(path, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    const detail = 'may only be specified when mountPropagation is None or not specified';
    errors.push(forbidden(path, detail));
  }
  return errors;
}

function validateBindMountOptions(
  { bindMountOptions: options = [] }: VolumeMount,
  volume: VolumeSource | undefined,
  path: FieldPath,
): FieldError[] {
  const seen = new Set<string>();
  const errors = options.flatMap((option, index) => {
    const at = path.index(index);
    const found = BIND_OPTIONS.includes(option) ? [] : [notSupported(at, option, BIND_OPTIONS)];
    if (seen.has(option)) found.push(duplicate(at, option));
    seen.add(option);
    return found;
  });
  if (options.length === 0 || !volume?.image) return errors;
  return [...errors, invalid(path, options, 'bindMountOptions may not be used with image volumes')];
}

function validateMount(mount: VolumeMount, at: FieldPath, mounts: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { subPath, subPathExpr } = mount;
  // Upstream omits the index of the mount here.
  if (subPath) appendAll(errors, validateLocalDescendingPath(subPath, mounts.child('subPath')));
  if (subPathExpr) {
    if (subPath) {
      const detail = 'subPathExpr and subPath are mutually exclusive';
      errors.push(invalid(at.child('subPathExpr'), subPathExpr, detail));
    }
    appendAll(errors, validateLocalDescendingPath(subPathExpr, mounts.child('subPathExpr')));
  }
  return errors;
}

export function validateVolumeMounts(
  container: Container | EphemeralContainer,
  volumes: Volumes,
  path: FieldPath,
): FieldError[] {
  const devices = container.volumeDevices ?? [];
  const deviceNames = new Set(devices.map(({ name }) => name));
  const devicePaths = new Set(devices.map(({ devicePath }) => devicePath));
  const seen = new Set<string>();
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const { name, mountPath, mountPropagation } = mount;
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (!name) errors.push(required(at.child('name'), ''));
    if (!volumes.has(name)) errors.push(notFound(at.child('name'), name));
    if (!mountPath) errors.push(required(at.child('mountPath'), ''));
    if (seen.has(mountPath)) errors.push(invalid(at.child('mountPath'), mountPath, 'must be unique'));
    seen.add(mountPath);
    if (deviceNames.has(name)) {
      errors.push(invalid(at.child('name'), name, 'must not already exist in volumeDevices'));
    }
    if (devicePaths.has(mountPath)) {
      const detail = 'must not already exist as a path in volumeDevices';
      errors.push(invalid(at.child('mountPath'), mountPath, detail));
    }
    appendAll(errors, validateMount(mount, at, path));
    if (mountPropagation !== undefined) {
      appendAll(
        errors,
        validateMountPropagation(mountPropagation, container, path.child('mountPropagation')),
      );
    }
    return [
      ...errors,
      ...validateRecursiveReadOnly(mount, path.child('recursiveReadOnly')),
      ...validateBindMountOptions(mount, volumes.get(name), at.child('bindMountOptions')),
    ];
  });
}

export function validateVolumeDevices(
  container: Container | EphemeralContainer,
  volumes: Volumes,
  path: FieldPath,
): FieldError[] {
  const mounts = container.volumeMounts ?? [];
  const mountNames = new Set(mounts.map((mount) => mount.name));
  const mountPaths = new Set(mounts.map(({ mountPath }) => mountPath));
  const paths = new Set<string>();
  const names = new Set<string>();
  return (container.volumeDevices ?? []).flatMap(({ name, devicePath }, index) => {
    const at = path.index(index);
    const volume = volumes.get(name);
    const errors: FieldError[] = [];
    if (!name) errors.push(required(at.child('name'), ''));
    if (names.has(name)) errors.push(invalid(at.child('name'), name, 'must be unique'));
    if (volume === undefined) errors.push(notFound(at.child('name'), name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalid(at.child('name'), name, detail));
    }
    if (!devicePath) errors.push(required(at.child('devicePath'), ''));
    if (paths.has(devicePath)) errors.push(invalid(at.child('devicePath'), devicePath, 'must be unique'));
    if (devicePath && validatePathNoBacksteps(devicePath, at).length > 0) {
      errors.push(invalid(at.child('devicePath'), devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (mountNames.has(name)) {
      errors.push(invalid(at.child('name'), name, 'must not already exist in volumeMounts'));
    }
    if (mountPaths.has(devicePath)) {
      const detail = 'must not already exist as a path in volumeMounts';
      errors.push(invalid(at.child('devicePath'), devicePath, detail));
    }
    if (name) names.add(name);
    return errors;
  });
}
