/** https://github.com/kubernetes/pod-security-admission/blob/master/api/helpers.go */

import { type FieldError, invalid } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import type { Labels } from '../../meta/labels.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

/** In order of increasing strictness. */
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];

export const LATEST = 'latest';

export interface LevelVersion {
  readonly level: Level;
  /** Minor version of Kubernetes 1. */
  readonly version: number | typeof LATEST;
}

export const MODES = ['enforce', 'audit', 'warn'] as const;

/** The level and version of each mode for a namespace. */
export type PodSecurityPolicy = Readonly<Record<(typeof MODES)[number], LevelVersion>>;

export const PREFIX = 'pod-security.kubernetes.io/';

const LEVEL_ERROR = `must be one of ${LEVELS.join(', ')}`;
const VERSION_ERROR = 'must be "latest" or "v1.x"';
const VERSION = /^v1\.([0-9]|[1-9][0-9]*)$/;

/** Undefined if the text isn't a level. */
export function parseLevel(text: string): Level | undefined {
  return LEVELS.find((level) => level === text);
}

/** Undefined if the text isn't a version. */
export function parseVersion(text: string): LevelVersion['version'] | undefined {
  if (text === LATEST) return LATEST;
  const match = VERSION.exec(text);
  return match === null ? undefined : Number(match[1]);
}

export function levelError(path: FieldPath, value: string): FieldError {
  return invalid(path, value, LEVEL_ERROR);
}

export function versionError(path: FieldPath, value: string): FieldError {
  return invalid(path, value, VERSION_ERROR);
}

export function formatLevelVersion({ level, version }: LevelVersion): string {
  return `${level}:${version === LATEST ? LATEST : `v1.${version}`}`;
}

/** Negative if `a` is less strict. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

export function isSame(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version;
}

export function isFullyPrivileged(policy: PodSecurityPolicy): boolean {
  return MODES.every((mode) => policy[mode].level === 'privileged');
}

export interface PolicyOfLabels {
  readonly policy: PodSecurityPolicy;
  readonly errors: readonly FieldError[];
}

/**
 * Parses the labels of a namespace. Invalid values mean the strictest level for `enforce` and no restriction for other
 * modes.
 */
export function policyOfLabels(labels: Labels, defaults: PodSecurityPolicy): PolicyOfLabels {
  const errors: FieldError[] = [];
  const read = (label: string): string | undefined =>
    Object.hasOwn(labels, PREFIX + label) ? labels[PREFIX + label] : undefined;
  const path = (label: string): FieldPath => FieldPath.of('metadata', 'labels').key(PREFIX + label);
  const policy: Record<string, LevelVersion> = { ...defaults };
  for (const mode of MODES) {
    const [level, version] = [read(mode), read(`${mode}-version`)];
    if (level !== undefined) {
      const parsed = parseLevel(level);
      if (parsed === undefined) errors.push(levelError(path(mode), level));
      const fallback = mode === 'enforce' ? 'restricted' : 'privileged';
      policy[mode] = { ...policy[mode]!, level: parsed ?? fallback };
    }
    if (version !== undefined) {
      const parsed = parseVersion(version);
      if (parsed === undefined) errors.push(versionError(path(`${mode}-version`), version));
      policy[mode] = { ...policy[mode]!, version: parsed ?? LATEST };
    }
  }
  const { enforce, warn } = policy as unknown as PodSecurityPolicy;
  const setsEnforce = parseLevel(read('enforce') ?? '') !== undefined;
  // Warnings follow a level of `enforce` that is stricter than the default.
  if (read('warn') === undefined && setsEnforce && compareLevels(enforce.level, warn.level) > 0) {
    const version = read('warn-version') === undefined ? enforce.version : warn.version;
    policy['warn'] = { level: enforce.level, version };
  }
  return { policy: policy as unknown as PodSecurityPolicy, errors };
}
