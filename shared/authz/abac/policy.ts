/** https://github.com/kubernetes/kubernetes/blob/master/pkg/auth/authorizer/abac/abac.go, pkg/apis/abac */

import { ALL_AUTHENTICATED } from '../../request/user-info.ts';
import { isJSONObject, type JSONObject } from '../../util/json.ts';

/** A line of the policy file. '' matches only the empty string, `*` anything. */
export interface ABACPolicy {
  readonly user: string;
  readonly group: string;
  readonly readonly: boolean;
  readonly apiGroup: string;
  readonly resource: string;
  readonly namespace: string;
  readonly nonResourcePath: string;
}

const API_VERSION = 'abac.authorization.kubernetes.io/v1beta1';
const STRINGS = ['user', 'group', 'apiGroup', 'resource', 'namespace', 'nonResourcePath'] as const;

function fieldsOf(
  object: JSONObject,
  allowed: readonly string[],
): Omit<ABACPolicy, 'readonly'> & { readonly: boolean } {
  const fields = {
    user: '',
    group: '',
    apiGroup: '',
    resource: '',
    namespace: '',
    nonResourcePath: '',
    readonly: false,
  };
  for (const [key, value] of Object.entries(object)) {
    if (!allowed.includes(key)) throw new Error(`unknown field "${key}"`);
    if (key === 'readonly') {
      if (typeof value !== 'boolean') throw new Error('readonly must be true or false');
      fields.readonly = value;
    } else {
      if (typeof value !== 'string') throw new Error(`${key} must be a string`);
      fields[key as (typeof STRINGS)[number]] = value;
    }
  }
  return fields;
}

/** Converts the unversioned format, which has no API groups or paths; omitted fields match anything. */
function fromUnversioned(object: JSONObject): ABACPolicy {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  const given = fieldsOf(rest, ['user', 'group', 'resource', 'namespace', 'readonly']);
  const { user, group, namespace, resource } = given;
  const everybody = user === '*' || group === '*';
  const unnamed = user === '' && group === '';
  return {
    ...given,
    user: everybody ? '' : user,
    group: everybody || unnamed ? ALL_AUTHENTICATED : group,
    namespace: namespace === '' ? '*' : namespace,
    resource: resource === '' ? '*' : resource,
    apiGroup: '*',
    nonResourcePath: namespace === '' && resource === '' ? '*' : '',
  };
}

function parseLine(line: string): ABACPolicy {
  const object: unknown = JSON.parse(line);
  if (!isJSONObject(object)) throw new Error('a policy must be an object');
  const { apiVersion, kind, spec } = object;
  if (apiVersion === undefined || kind === undefined) return fromUnversioned(object);
  if (apiVersion !== API_VERSION || kind !== 'Policy') {
    throw new Error(`no kind "${String(kind)}" is registered for version "${String(apiVersion)}"`);
  }
  const unknown = Object.keys(object).find(
    (key) => !['apiVersion', 'kind', 'spec', 'metadata'].includes(key),
  );
  if (unknown !== undefined) throw new Error(`unknown field "${unknown}"`);
  if (!isJSONObject(spec)) throw new Error('spec must be an object');
  return fieldsOf(spec, [...STRINGS, 'readonly']);
}

/**
 * Parses `--authorization-policy-file`: a policy per line; empty lines and lines beginning with `#` are skipped. Throws
 * an Error that names the line.
 */
export function parsePolicyFile(text: string, path: string): ABACPolicy[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    try {
      return [parseLine(trimmed)];
    } catch (cause) {
      const why = (cause as Error).message;
      throw new Error(`error reading policy file ${path}, line ${index + 1}: ${trimmed}: ${why}`, { cause });
    }
  });
}
