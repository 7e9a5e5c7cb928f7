/** Rules for secrets. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isConfigMapKey } from '../../../meta/validation/keys.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Secret } from '../v1/types.ts';
import { invalidEach, sortedEntries } from './helpers.ts';

export const MAX_SECRET_SIZE = 1024 * 1024;
export const IMMUTABLE = 'field is immutable when `immutable` is set';

const DATA = FieldPath.of('data');
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** The number of bytes that a base64 text encodes; null, for a key without a value, has none. */
export function decodedLength(base64: string | null): number {
  if (base64 === null) return 0;
  return Math.floor((base64.length * 3) / 4) - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0);
}

type Data = Readonly<Record<string, string>>;

/** Go's error for bytes that aren't a JSON object. */
function jsonError(base64: string): string | undefined {
  const text = Buffer.from(base64, 'base64').toString();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && !Array.isArray(value)) return undefined;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  } catch {
    return goSyntaxError(text);
  }
}

function goSyntaxError(text: string): string {
  const start = text.trimStart();
  if (start === '') return 'unexpected end of JSON input';
  if (/^[[{"\-0-9tfn]/.test(start)) return 'unexpected end of JSON input';
  return `invalid character '${start[0]}' looking for beginning of value`;
}

function requireKey(data: Data, key: string): FieldError[] {
  return data[key] === undefined ? [required(DATA.key(key), '')] : [];
}

function requireJSON(data: Data, key: string): FieldError[] {
  const value = data[key];
  if (value === undefined) return [required(DATA.key(key), '')];
  const error = jsonError(value);
  return error === undefined ? [] : [invalid(DATA.key(key), '<secret contents redacted>', error)];
}

/** Rules for the data of known types; other types are unrestricted. */
const TYPES: Readonly<Record<string, (data: Data, annotations: Data) => FieldError[]>> = {
  'kubernetes.io/service-account-token': (_, annotations) =>
    annotations[SERVICE_ACCOUNT_NAME]
      ? []
      : [required(FieldPath.of('metadata', 'annotations').key(SERVICE_ACCOUNT_NAME), '')],
  'kubernetes.io/dockercfg': (data) => requireJSON(data, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': (data) => requireJSON(data, '.dockerconfigjson'),
  'kubernetes.io/basic-auth': (data) =>
    data.username === undefined && data.password === undefined
      ? [...requireKey(data, 'username'), ...requireKey(data, 'password')]
      : [],
  'kubernetes.io/ssh-auth': (data) =>
    data['ssh-privatekey'] ? [] : [required(DATA.key('ssh-privatekey'), '')],
  'kubernetes.io/tls': (data) => [...requireKey(data, 'tls.crt'), ...requireKey(data, 'tls.key')],
};

export function validateSecret({ metadata, data = {}, type = '' }: Secret): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of sortedEntries(data)) {
    appendAll(errors, invalidEach(DATA.key(key), key, isConfigMapKey(key)));
    size += decodedLength(value);
  }
  if (size > MAX_SECRET_SIZE) errors.push(tooLong(DATA, MAX_SECRET_SIZE));
  if (!Object.hasOwn(TYPES, type)) return errors;
  return [...errors, ...TYPES[type]!(data, metadata.annotations ?? {})];
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors = validateImmutableField(secret.type, old.type, FieldPath.of('type'));
  if (old.immutable) {
    if (!secret.immutable) errors.push(forbidden('immutable', IMMUTABLE));
    if (!semanticDeepEqual(secret.data ?? {}, old.data ?? {})) errors.push(forbidden('data', IMMUTABLE));
  }
  return [...errors, ...validateSecret(secret)];
}
