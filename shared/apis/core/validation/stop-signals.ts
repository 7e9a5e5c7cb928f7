import { type FieldError, forbidden, notSupported } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { PodOS } from '../v1/types.ts';

const numbered = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}${from + index}`);

const LINUX = [
  ...['ABRT', 'ALRM', 'BUS', 'CHLD', 'CLD', 'CONT', 'FPE', 'HUP', 'ILL', 'INT', 'IO', 'IOT', 'KILL', 'PIPE'],
  ...[
    'POLL',
    'PROF',
    'PWR',
    'QUIT',
    'RTMAX',
    'RTMIN',
    'SEGV',
    'STKFLT',
    'STOP',
    'SYS',
    'TERM',
    'TRAP',
    'TSTP',
  ],
  ...['TTIN', 'TTOU', 'URG', 'USR1', 'USR2', 'VTALRM', 'WINCH', 'XCPU', 'XFSZ'],
  ...numbered('RTMIN+', 1, 15),
  ...numbered('RTMAX-', 1, 14),
]
  .map((name) => `SIG${name}`)
  .sort();
const WINDOWS = ['SIGKILL', 'SIGTERM'];

/** Signals depend on the operating system, so a pod with a stop signal must set it. */
export function validateStopSignal(signal: string, path: FieldPath, os: PodOS | undefined): FieldError[] {
  if (!os) return [forbidden(path, 'may not be set for containers with empty `spec.os.name`')];
  const supported = os.name === 'windows' ? WINDOWS : os.name === 'linux' ? LINUX : undefined;
  if (supported === undefined || supported.includes(signal)) return [];
  return [notSupported(path, signal, supported)];
}
