/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apiserverinternal/validation/validation.go */

import { duplicate, type FieldError, invalid, invalidEach, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { EMPTY_ERROR, regexError } from '../../../meta/validation/format.ts';
import { isDNS1035Label, isDNS1123Subdomain, isQualifiedName } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  ServerStorageVersion,
  StorageVersion,
  StorageVersionCondition,
  StorageVersionStatus,
} from '../v1alpha1/types.ts';

const STATUS = FieldPath.of('status');

/** `<group>.<resource>`; the core group is `core`. */
export function validateStorageVersionName(name: string): string[] {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return ['name must be in the form of <group>.<resource>'];
  return [
    ...isDNS1123Subdomain(name.slice(0, dot)).map((text) => `the group segment ${text}`),
    ...isDNS1035Label(name.slice(dot + 1)).map((text) => `the resource segment ${text}`),
  ];
}

const NOT_API_VERSION = `an apiVersion is ${regexError(
  "a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  'my-name',
  'abc-123',
)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')`;

function isValidAPIVersion(apiVersion: string): string[] {
  const [version = '', group, ...more] = apiVersion.split('/').reverse();
  if (more.length > 0) return [NOT_API_VERSION];
  const failures = (part: string, value: string, rule: (value: string) => string[]): string[] =>
    (value === '' ? [EMPTY_ERROR] : rule(value)).map((text) => `${part} part: ${text}`);
  return [
    ...(group === undefined ? [] : failures('group', group, isDNS1123Subdomain)),
    ...failures('version', version, isDNS1035Label),
  ];
}

function validateAPIVersion(apiVersion: string, path: FieldPath): FieldError[] {
  const failures = isValidAPIVersion(apiVersion);
  return failures.length === 0 ? [] : [invalid(path, apiVersion, failures.join(','))];
}

/** In characters. */
const MAX_REPORTED = 1_000_000;

function validateServer(server: ServerStorageVersion, path: FieldPath): FieldError[] {
  const { apiServerID = '', encodingVersion = '', decodableVersions, servedVersions = [] } = server;
  const decodable = decodableVersions ?? [];
  const errors = [
    ...invalidEach(path.child('apiServerID'), apiServerID, isDNS1123Subdomain(apiServerID)),
    ...validateAPIVersion(encodingVersion, path.child('encodingVersion')),
    ...decodable.flatMap((version, index) =>
      validateAPIVersion(version, path.child('decodableVersions').index(index)),
    ),
  ];
  if (!decodable.includes(encodingVersion)) {
    const detail = `decodableVersions must include encodingVersion ${encodingVersion}`;
    errors.push(invalid(path.child('decodableVersions'), decodableVersions ?? null, detail));
  }
  const isDecodable = new Set(decodable);
  const versions = `[${decodable.join(' ')}]`;
  // Each error lists all of them.
  let left = MAX_REPORTED;
  for (const [index, version] of servedVersions.entries()) {
    const at = path.child('servedVersions').index(index);
    appendAll(errors, validateAPIVersion(version, at));
    if (isDecodable.has(version) || left < 0) continue;
    left -= versions.length;
    errors.push(
      invalid(
        at,
        version,
        `individual served version : ${version} must be included in decodableVersions : ${versions}`,
      ),
    );
  }
  return errors;
}

function validateCommonVersion({ storageVersions = [], commonEncodingVersion }: StorageVersionStatus) {
  const path = STATUS.child('commonEncodingVersion');
  const [first, ...others] = storageVersions.map(({ encodingVersion = '' }) => encodingVersion);
  const common = others.every((version) => version === first) ? first : undefined;
  if (commonEncodingVersion === common) return [];
  if (common === undefined) {
    const detail =
      'should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet';
    return [invalid(path, commonEncodingVersion, detail)];
  }
  return commonEncodingVersion === undefined
    ? [invalid(path, null, `the common encoding version is ${common}`)]
    : [invalid(path, commonEncodingVersion, `the actual common encoding version is ${common}`)];
}

/** Upstream omits `conditions` from these paths. */
function validateStorageVersionConditions(conditions: readonly StorageVersionCondition[]): FieldError[] {
  const seen = new Map<string, number>();
  return conditions.flatMap(({ type, status, reason, message }, index) => {
    const at = STATUS.index(index);
    const errors: FieldError[] = [];
    const before = seen.get(type);
    if (before !== undefined) {
      const detail = `the type of the condition is not unique, it also appears in conditions[${before}]`;
      errors.push(invalid(at.child('type'), type, detail));
    }
    seen.set(type, index);
    appendAll(
      errors,
      invalidEach(at.child('type'), type, isQualifiedName(type)),
      invalidEach(at.child('status'), status, isQualifiedName(status)),
    );
    if (!reason) errors.push(required(at.child('reason'), ''));
    if (!message) errors.push(required(at.child('message'), ''));
    return errors;
  });
}

export function validateStorageVersionStatus({ status }: StorageVersion): FieldError[] {
  const seen = new Set<string>();
  const servers = (status.storageVersions ?? []).flatMap((server, index) => {
    const path = STATUS.child('storageVersions').index(index);
    const { apiServerID = '' } = server;
    const twice = seen.has(apiServerID) ? [duplicate(path.child('apiServerID'), apiServerID)] : [];
    seen.add(apiServerID);
    return [...twice, ...validateServer(server, path)];
  });
  return [
    ...servers,
    ...validateCommonVersion(status),
    ...validateStorageVersionConditions(status.conditions ?? []),
  ];
}
