/** Rules for security contexts of pods and containers. */

import { type FieldError, invalid, notSupported } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isValidGroupID, isValidUserID } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { PodSpec, SecurityContext } from '../v1/types.ts';
import { invalidEach } from './helpers.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validateAppArmorProfileField, validateSeccompProfileField } from './security-profiles.ts';
import { shownSecurityContext } from './shown-security-context.ts';
import { validateSysctls } from './sysctls.ts';
import { validateWindowsOptions } from './windows.ts';

const FS_GROUP_CHANGE_POLICIES = ['Always', 'OnRootMismatch'];
const SUPPLEMENTAL_GROUPS_POLICIES = ['Merge', 'Strict'];
const ONLY_RECURSIVE = ['Recursive'];
const SELINUX_CHANGE_POLICIES = ['MountOption', 'Recursive'];
const PROC_MOUNTS = ['Default', 'Unmasked'];

function validateIds(
  { runAsUser, runAsGroup }: { runAsUser?: number | undefined; runAsGroup?: number | undefined },
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (runAsUser !== undefined) {
    appendAll(errors, invalidEach(path.child('runAsUser'), runAsUser, isValidUserID(runAsUser)));
  }
  if (runAsGroup !== undefined) {
    appendAll(errors, invalidEach(path.child('runAsGroup'), runAsGroup, isValidGroupID(runAsGroup)));
  }
  return errors;
}

function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

export function validateSharedProcesses(spec: PodSpec, path: FieldPath): FieldError[] {
  if (!spec.shareProcessNamespace || !spec.hostPID) return [];
  const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
  return [invalid(path.child('shareProcessNamespace'), true, detail)];
}

export function validatePodSecurityContext(
  spec: PodSpec,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const context = spec.securityContext;
  if (!context) return [];
  const { fsGroup } = context;
  const errors: FieldError[] = [];
  if (fsGroup !== undefined)
    appendAll(errors, invalidEach(path.child('fsGroup'), fsGroup, isValidGroupID(fsGroup)));
  appendAll(errors, validateIds(context, path));
  for (const [index, gid] of (context.supplementalGroups ?? []).entries()) {
    appendAll(errors, invalidEach(path.child('supplementalGroups').index(index), gid, isValidGroupID(gid)));
  }
  const allowHostSysctls = options.allowNamespacedSysctlsForHostNetAndHostIPC === true;
  appendAll(
    errors,
    validateSysctls(spec, path.child('sysctls'), allowHostSysctls),
    oneOf(context.fsGroupChangePolicy, FS_GROUP_CHANGE_POLICIES, path.child('fsGroupChangePolicy')),
    validateSeccompProfileField(context.seccompProfile, path.child('seccompProfile')),
    validateWindowsOptions(context.windowsOptions, path.child('windowsOptions')),
    validateAppArmorProfileField(context.appArmorProfile, path.child('appArmorProfile')),
  );
  const policy = context.supplementalGroupsPolicy;
  appendAll(errors, oneOf(policy, SUPPLEMENTAL_GROUPS_POLICIES, path.child('supplementalGroupsPolicy')));
  const change = context.seLinuxChangePolicy;
  const changes = options.allows('SELinuxMount') ? SELINUX_CHANGE_POLICIES : ONLY_RECURSIVE;
  return [...errors, ...oneOf(change, changes, path.child('seLinuxChangePolicy'))];
}

export function validateSecurityContext(
  context: SecurityContext | undefined,
  path: FieldPath,
  hostUsers: boolean,
): FieldError[] {
  if (!context) return [];
  const errors = validateIds(context, path);
  const { procMount, privileged, allowPrivilegeEscalation, capabilities } = context;
  appendAll(errors, oneOf(procMount, PROC_MOUNTS, path.child('procMount')));
  if (hostUsers && procMount === 'Unmasked') {
    const detail = '`hostUsers` must be false to use `Unmasked`';
    errors.push(invalid(path.child('procMount'), procMount, detail));
  }
  appendAll(errors, validateSeccompProfileField(context.seccompProfile, path.child('seccompProfile')));
  if (allowPrivilegeEscalation === false) {
    if (privileged) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      errors.push(invalid(path, shownSecurityContext(context), detail));
    }
    for (const capability of capabilities?.add ?? []) {
      if (capability !== 'CAP_SYS_ADMIN') continue;
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalid(path, shownSecurityContext(context), detail));
    }
  }
  return [
    ...errors,
    ...validateWindowsOptions(context.windowsOptions, path.child('windowsOptions')),
    ...validateAppArmorProfileField(context.appArmorProfile, path.child('appArmorProfile')),
  ];
}
