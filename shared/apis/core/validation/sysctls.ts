/** Rules for sysctls of pods. */

import { duplicate, type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { PodSpec } from '../v1/types.ts';

const MAX_LENGTH = 253;
const SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const NAME = `^(${SEGMENT}[\\./])*${SEGMENT}$`;
const segment = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;

const IPC_NAMES: ReadonlySet<string> = new Set([
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
  'kernel.shm',
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.msg',
]);

function isValidSysctlName(name: string): boolean {
  return byteLength(name) <= MAX_LENGTH && name.split(/[./]/).every((part) => segment.test(part));
}

/** Swaps dots and slashes if the first separator is a slash. */
function normalized(name: string): string {
  const first = name.search(/[./]/);
  if (first < 0 || name[first] === '.') return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

function namespaceOf(sysctl: string): 'net' | 'ipc' | undefined {
  const name = normalized(sysctl).split('*')[0]!;
  if (IPC_NAMES.has(name) || name.startsWith('fs.mqueue.')) return 'ipc';
  return name.startsWith('net.') ? 'net' : undefined;
}

/** A sysctl can't be set in a namespace that the pod shares with the host. */
export function validateHostSysctl(name: string, spec: PodSpec, path: FieldPath): FieldError[] {
  const namespace = namespaceOf(name);
  if (spec.hostNetwork && namespace === 'net') {
    return [invalid(path, name, "may not be specified when 'hostNetwork' is true")];
  }
  if (spec.hostIPC && namespace === 'ipc') {
    return [invalid(path, name, "may not be specified when 'hostIPC' is true")];
  }
  return [];
}

export function validateSysctls(spec: PodSpec, path: FieldPath, allowHostSysctls: boolean): FieldError[] {
  const seen = new Set<string>();
  return (spec.securityContext?.sysctls ?? []).flatMap(({ name }, index) => {
    const at = path.index(index).child('name');
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(at, ''));
    else if (!isValidSysctlName(name)) {
      errors.push(invalid(at, name, `must have at most ${MAX_LENGTH} characters and match regex ${NAME}`));
    } else if (seen.has(name)) errors.push(duplicate(at, name));
    if (!allowHostSysctls) appendAll(errors, validateHostSysctl(name, spec, at));
    seen.add(name);
    return errors;
  });
}
