/** Semantic versions (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/semverlib.go, version 1). */

import { quote } from '../../runtime/go-format.ts';
import { integerOf } from '../../util/integers.ts';
import { type FunctionDeclaration, fn, member } from '../declaration.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import { BOOL, INT, objectType, STRING } from '../type.ts';
import { isInt64, isUint64, ObjectValue, type Value } from '../value.ts';

export const SEMVER_TYPE = objectType('kubernetes.Semver');

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
}

class Semver extends ObjectValue {
  readonly type = SEMVER_TYPE;
  readonly version: Version;
  constructor(version: Version) {
    super();
    this.version = version;
  }
  equals(other: Value): boolean | CelError {
    return other instanceof Semver ? compareVersions(this.version, other.version) === 0 : NO_SUCH_OVERLOAD;
  }
}

class SemverError extends Error {}

function number(text: string, part: string): bigint {
  if (/[^0-9]/.test(text))
    throw new SemverError(`Invalid character(s) found in ${part} number ${quote(text)}`);
  if (text.length > 1 && text.startsWith('0')) {
    throw new SemverError(
      `${part[0]!.toUpperCase()}${part.slice(1)} number must not contain leading zeroes ${quote(text)}`,
    );
  }
  if (text === '') throw new SemverError('strconv.ParseUint: parsing "": invalid syntax');
  const value = integerOf(text);
  if (value === undefined || !isUint64(value)) {
    throw new SemverError(`strconv.ParseUint: parsing ${quote(text)}: value out of range`);
  }
  return value;
}

function identifiers(text: string | undefined, kind: 'PreRelease' | 'Build'): string[] {
  if (text === undefined) return [];
  return text.split('.').map((part) => {
    if (part === '') {
      throw new SemverError(kind === 'Build' ? 'Build meta data is empty' : 'Prerelease is empty');
    }
    if (/[^0-9A-Za-z-]/.test(part)) {
      throw new SemverError(
        kind === 'Build'
          ? `Invalid character(s) found in build meta data ${quote(part)}`
          : `Invalid character(s) found in prerelease ${quote(part)}`,
      );
    }
    if (kind === 'PreRelease' && /^0\d+$/.test(part)) {
      throw new SemverError(`Numeric PreRelease version must not contain leading zeroes ${quote(part)}`);
    }
    if (kind === 'PreRelease' && /^\d+$/.test(part)) number(part, 'prerelease');
    return part;
  });
}

/** Parses as github.com/blang/semver does. Throws `SemverError`. */
function parseVersion(text: string): Version {
  if (text === '') throw new SemverError('Version string empty');
  const [, core, , prerelease, , build] = /^([^.]*\.[^.]*\.[^+-]*)(-([^+]*))?(\+(.*))?$/s.exec(text) ?? [];
  if (core === undefined) throw new SemverError('No Major.Minor.Patch elements found');
  const [major, minor, patch] = core.split('.') as [string, string, string];
  const version: Version = {
    numbers: [number(major, 'major'), number(minor, 'minor'), number(patch, 'patch')],
    prerelease: identifiers(prerelease, 'PreRelease'),
  };
  identifiers(build, 'Build');
  return version;
}

/** Removes a leading `v` and leading zeros, and appends zeros up to three numbers. */
function normalize(text: string): string {
  const parts = text.replace(/^v/, '').split('.');
  const three = parts.length > 3 ? [parts[0]!, parts[1]!, parts.slice(2).join('.')] : parts;
  const trimmed = three.map((part) => {
    if (part.length <= 1) return part;
    const digits = part.replace(/^0+/, '');
    return digits === '' || !/^\d/.test(digits) ? `0${digits}` : digits;
  });
  if (trimmed.length < 3 && /[+-]/.test(trimmed.at(-1)!)) {
    throw new SemverError('short version cannot contain PreRelease/Build meta data');
  }
  while (trimmed.length < 3) trimmed.push('0');
  return trimmed.join('.');
}

function parse(text: string, normalized = false): Value {
  try {
    return new Semver(parseVersion(normalized ? normalize(text) : text));
  } catch (error) {
    if (error instanceof SemverError) return new CelError(error.message);
    throw error;
  }
}

function order<T>(a: T, b: T): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareIdentifiers(a: string, b: string): -1 | 0 | 1 {
  const [numericA, numericB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numericA && numericB) return order(BigInt(a), BigInt(b));
  if (numericA !== numericB) return numericA ? -1 : 1;
  return order(a, b);
}

function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  for (const i of [0, 1, 2] as const) {
    const sign = order(a.numbers[i], b.numbers[i]);
    if (sign !== 0) return sign;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return order(b.prerelease.length === 0 ? 0 : 1, a.prerelease.length === 0 ? 0 : 1);
  }
  const length = Math.min(a.prerelease.length, b.prerelease.length);
  for (let i = 0; i < length; i++) {
    const sign = compareIdentifiers(a.prerelease[i]!, b.prerelease[i]!);
    if (sign !== 0) return sign;
  }
  return order(a.prerelease.length, b.prerelease.length);
}

function part(name: string, index: 0 | 1 | 2): FunctionDeclaration {
  return member(name, `semver_${name}`, [SEMVER_TYPE], INT, ({ version }: Semver) => {
    const value = version.numbers[index];
    return isInt64(value) ? value : BigInt.asIntN(64, value);
  });
}

const V = SEMVER_TYPE;
const isSemver = (text: string, normalized?: boolean): Value => parse(text, normalized) instanceof Semver;
const cmp = (a: Semver, b: Semver): number => compareVersions(a.version, b.version);

export const SEMVER: readonly FunctionDeclaration[] = [
  fn('semver', 'string_to_semver', [STRING], V, (text: string) => parse(text)),
  fn('semver', 'string_bool_to_semver', [STRING, BOOL], V, parse),
  fn('isSemver', 'is_semver_string', [STRING], BOOL, (text: string) => isSemver(text)),
  fn('isSemver', 'is_semver_string_bool', [STRING, BOOL], BOOL, isSemver),
  member('isGreaterThan', 'semver_is_greater_than', [V, V], BOOL, (a: Semver, b: Semver) => cmp(a, b) === 1),
  member('isLessThan', 'semver_is_less_than', [V, V], BOOL, (a: Semver, b: Semver) => cmp(a, b) === -1),
  member('compareTo', 'semver_compare_to', [V, V], INT, (a: Semver, b: Semver) => BigInt(cmp(a, b))),
  part('major', 0),
  part('minor', 1),
  part('patch', 2),
];
