import { type FieldError, invalid, invalidEach, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isCIdentifier } from '../../../meta/validation/keys.ts';
import { DNS1123_SUBDOMAIN_MAX_LENGTH } from '../../../meta/validation/names.ts';
import { quote } from '../../../runtime/go-format.ts';
import { validateDNS1123Subdomain } from '../../core/validation/helpers.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';

const MAX_DOMAIN_LENGTH = 63;
const MAX_ID_LENGTH = 32;
/** `domain/id` */
export const QUALIFIED_NAME_MAX_LENGTH = MAX_DOMAIN_LENGTH + 1 + MAX_ID_LENGTH;

export function validatePoolName(name: string, path: FieldPath): FieldError[] {
  if (name === '') return [required(path, '')];
  const errors =
    byteLength(name) > DNS1123_SUBDOMAIN_MAX_LENGTH ? [tooLong(path, DNS1123_SUBDOMAIN_MAX_LENGTH)] : [];
  return errors.concat(name.split('/').flatMap((part) => validateDNS1123Subdomain(part, path)));
}

export function validateDeviceClassName(name: string, path: FieldPath): FieldError[] {
  return name === '' ? [required(path, '')] : validateDNS1123Subdomain(name, path);
}

const URN = 'urn:uuid:';
const HYPHENS = [8, 13, 18, 23];

/** The error of github.com/google/uuid; undefined if the text is valid. */
function uuidError(text: string): string | undefined {
  let uuid = text;
  if (text.length === 36 + URN.length) {
    const prefix = text.slice(0, URN.length);
    if (prefix.toLowerCase() !== URN) return `invalid urn prefix: ${quote(prefix)}`;
    uuid = text.slice(URN.length);
  } else if (text.length === 36 + 2) {
    if (!text.startsWith('{') || !text.endsWith('}')) return 'invalid bracketed UUID format';
    uuid = text.slice(1, -1);
  } else if (text.length !== 36 && text.length !== 32) return `invalid UUID length: ${text.length}`;
  const isWellFormed = [...uuid].every((char, index) =>
    uuid.length === 36 && HYPHENS.includes(index) ? char === '-' : /[0-9a-fA-F]/.test(char),
  );
  return isWellFormed ? undefined : 'invalid UUID format';
}

export function validateUID(uid: string, path: FieldPath): FieldError[] {
  const why = uuidError(uid);
  if (why !== undefined) return [invalid(path, uid, `error validating uid: ${why}`)];
  if (uid.length === 36 && uid === uid.toLowerCase()) return [];
  const detail =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
  return [invalid(path, uid, detail)];
}

function validateID(id: string, path: FieldPath): FieldError[] {
  const errors = byteLength(id) > MAX_ID_LENGTH ? [tooLong(path, MAX_ID_LENGTH)] : [];
  return errors.concat(invalidEach(path, id, isCIdentifier(id)));
}

/** `id` or `domain/id`. Like upstream, tolerates further slashes. */
export function validateQualifiedName(name: string, path: FieldPath): FieldError[] {
  const [first = '', second, ...more] = name.split('/');
  if (second === undefined) return validateID(first, path);
  if (more.length > 0) return [];
  return [
    ...(first === ''
      ? [invalid(path, '', 'the domain must not be empty')]
      : validateCSIDriverName(first, path)),
    ...(second === '' ? [invalid(path, '', 'the name must not be empty')] : validateID(second, path)),
  ];
}

export function validateFullyQualifiedName(name: string, path: FieldPath): FieldError[] {
  const errors = validateQualifiedName(name, path);
  if (name.includes('/')) return errors;
  const detail = 'a fully qualified name must be a domain and a name separated by a slash';
  return [...errors, invalid(path, name, detail)];
}

/** Preparation on a node can only be skipped along with unpreparation. */
export function validateSkippedOperations(
  operations: readonly string[] | null | undefined,
  path: FieldPath,
): FieldError[] {
  const skips = (operation: string): boolean => operations?.includes(operation) ?? false;
  if (!skips('NodePrepareResources') || skips('NodeUnprepareResources') || skips('*')) return [];
  const detail = 'NodePrepareResources cannot be skipped unless NodeUnprepareResources is also skipped';
  return [invalid(path, operations, detail)];
}
