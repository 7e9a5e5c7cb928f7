/** Rules for Windows pods and for fields specific to them. */

import { type FieldError, forbidden, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { PodSpec, WindowsSecurityContextOptions } from '../v1/types.ts';
import { containersWithPath } from '../visit-containers.ts';
import { invalidEach } from './helpers.ts';

const MAX_CREDENTIAL_SPEC_KIB = 64;
const MAX_DOMAIN_LENGTH = 256;
const MAX_USER_LENGTH = 104;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\x00-\x1f\x7f]/;
const NET_BIOS_DOMAIN = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;
const BAD_USER_CHARACTERS = /["/\\:;|=,+*?<>@[\]]/;

const OPERATING_SYSTEMS = ['linux', 'windows'];

export function validateOS({ os }: PodSpec, path: FieldPath): FieldError[] {
  if (!os) return [];
  if (!os.name) return [required(path.child('name'), '')];
  return OPERATING_SYSTEMS.includes(os.name) ? [] : [notSupported(path, os.name, OPERATING_SYSTEMS)];
}

/** `DOMAIN\user` or `user`. */
function runAsUserNameErrors(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1)!;
  const domain = parts.length === 2 ? parts[0]! : undefined;
  const errors: string[] = [];
  if (byteLength(domain ?? '') >= MAX_DOMAIN_LENGTH) {
    errors.push(`runAsUserName's Domain length must be under ${MAX_DOMAIN_LENGTH} characters`);
  }
  const isDNS = (text: string): boolean => text.split('.').every((label) => DNS_LABEL.test(label));
  if (domain !== undefined && !NET_BIOS_DOMAIN.test(domain) && !isDNS(domain)) {
    errors.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') errors.push("runAsUserName's User cannot be empty");
  else if (byteLength(user) > MAX_USER_LENGTH) {
    errors.push(`runAsUserName's User length must not be longer than ${MAX_USER_LENGTH} characters`);
  }
  if (/^[. ]+$/.test(user)) errors.push("runAsUserName's User cannot contain only periods or spaces");
  if (BAD_USER_CHARACTERS.test(user)) {
    errors.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return errors;
}

export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: FieldPath,
): FieldError[] {
  if (!options) return [];
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  const errors: FieldError[] = [];
  if (gmsaCredentialSpecName !== undefined) {
    const messages = isDNS1123Subdomain(gmsaCredentialSpecName);
    appendAll(errors, invalidEach(path.child('gmsaCredentialSpecName'), gmsaCredentialSpecName, messages));
  }
  if (gmsaCredentialSpec !== undefined) {
    const at = path.child('gmsaCredentialSpec');
    if (gmsaCredentialSpec === '') {
      errors.push(invalid(at, gmsaCredentialSpec, 'gmsaCredentialSpec cannot be an empty string'));
    } else if (byteLength(gmsaCredentialSpec) > MAX_CREDENTIAL_SPEC_KIB * 1024) {
      const detail = `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_SPEC_KIB} KiB`;
      errors.push(invalid(at, gmsaCredentialSpec, detail));
    }
  }
  if (runAsUserName !== undefined) {
    appendAll(
      errors,
      invalidEach(path.child('runAsUserName'), runAsUserName, runAsUserNameErrors(runAsUserName)),
    );
  }
  return errors;
}

/** HostProcess containers can't be mixed with others, and require host networking. */
export function validateWindowsHostProcess(spec: PodSpec, path: FieldPath): FieldError[] {
  const pod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  let containers = 0;
  let hostProcesses = 0;
  for (const { container, path: containerPath } of containersWithPath(spec, path)) {
    containers++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (pod !== undefined && own !== undefined && pod !== own) {
      const at = containerPath.child('securityContext', 'windowsOptions', 'hostProcess');
      const detail = `pod hostProcess value must be identical if both are specified, was ${pod}`;
      errors.push(invalid(at, own, detail));
    }
    if (own ?? pod) hostProcesses++;
  }
  if (hostProcesses === 0) return errors;
  if (hostProcesses !== containers) {
    const detail =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalid(path, '', detail));
  }
  if (!spec.hostNetwork) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalid(path.child('hostNetwork'), false, detail));
  }
  return errors;
}

/** In upstream's order. Boolean fields count as set only if they are true. */
const NOT_FOR_WINDOWS_PODS = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'securityContext.seccompProfile',
  'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy',
  'securityContext.sysctls',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
  'securityContext.supplementalGroups',
  'securityContext.supplementalGroupsPolicy',
  'securityContext.seLinuxChangePolicy',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'shareProcessNamespace',
];
const FALSE_IS_UNSET = ['hostPID', 'hostIPC'];

const NOT_FOR_WINDOWS_CONTAINERS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

const CANNOT_BE_SET = 'cannot be set for a windows pod';

export function validateWindows(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const pod = spec as Readonly<Record<string, unknown>>;
  for (const field of NOT_FOR_WINDOWS_PODS) {
    const names = field.split('.');
    const holder = names.length === 2 ? (spec.securityContext as Record<string, unknown> | undefined) : pod;
    const value = holder?.[names.at(-1)!];
    const unset = value === undefined || (value === false && FALSE_IS_UNSET.includes(field));
    if (!unset) errors.push(forbidden(path.child(...names), CANNOT_BE_SET));
  }
  for (const { container, path: containerPath } of containersWithPath(spec, path)) {
    for (const field of NOT_FOR_WINDOWS_CONTAINERS) {
      if (container.securityContext?.[field] === undefined) continue;
      errors.push(forbidden(containerPath.child('securityContext', field), CANNOT_BE_SET));
    }
  }
  return errors;
}

export function validateLinux(spec: PodSpec, path: FieldPath): FieldError[] {
  const detail = 'windows options cannot be set for a linux pod';
  const errors: FieldError[] = [];
  if (spec.securityContext?.windowsOptions) {
    errors.push(forbidden(path.child('securityContext', 'windowsOptions'), detail));
  }
  for (const { container, path: containerPath } of containersWithPath(spec, path)) {
    if (!container.securityContext?.windowsOptions) continue;
    errors.push(forbidden(containerPath.child('securityContext', 'windowsOptions'), detail));
  }
  return errors;
}
