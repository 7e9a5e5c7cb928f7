/**
 * String formats that fields declare
 * (https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/api/validate/strfmt.go).
 */

import { type FieldError, invalid, invalidEach, tooLong } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { byteLength, maxBytesError } from '../../meta/validation/format.ts';
import { isCIdentifier } from '../../meta/validation/keys.ts';
import {
  DNS1123_SUBDOMAIN_MAX_LENGTH,
  isDNS1123Label,
  isDNS1123Subdomain,
  isDNS1123SubdomainCaseless,
  isPathSegmentName,
  isPrefixedLabelKey,
  isQualifiedName,
} from '../../meta/validation/names.ts';
import { quote } from '../../runtime/go-format.ts';

type Format = (path: FieldPath, value: string) => readonly FieldError[];

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_MESSAGE = 'must be a lowercase UUID in 8-4-4-4-12 format';
const MAX_PREFIX_LENGTH = 63;
const MAX_ID_LENGTH = 32;
const QUOTA_PREFIX = 'requests.';
const OWN_DOMAIN = 'kubernetes.io/';

/** A format from a rule that returns texts. */
const of =
  (rule: (value: string) => string[]): Format =>
  (path, value) =>
    invalidEach(path, value, rule(value));

const longName = (value: string): string[] => isDNS1123Subdomain(value, maxBytesError);

const FORMATS: Readonly<Record<string, Format>> = {
  'k8s-extended-resource-name': extendedResourceName,
  'k8s-label-key': of(isQualifiedName),
  'k8s-long-name': of(longName),
  'k8s-long-name-caseless': of((value) => isDNS1123SubdomainCaseless(value, maxBytesError)),
  'k8s-path-segment-name': of(isPathSegmentName),
  'k8s-prefixed-label-key': of(isPrefixedLabelKey),
  'k8s-resource-fully-qualified-name': fullyQualifiedName,
  'k8s-resource-pool-name': poolName,
  'k8s-short-name': of((value) => isDNS1123Label(value, maxBytesError)),
  'k8s-uuid': of((value) => (UUID.test(value) ? [] : [UUID_MESSAGE])),
};

/** Used by the importer before it writes a rule. */
export const isKnownFormat = (name: string): boolean => Object.hasOwn(FORMATS, name);

/** The errors of a text. `name` must be a known format. */
export const formatErrors = (name: string, path: FieldPath, value: string): readonly FieldError[] =>
  FORMATS[name]!(path, value);

/** Names of resources that quotas can count, after prepending `requests.`. */
function extendedResourceName(path: FieldPath, value: string): FieldError[] {
  const details: string[] = [];
  if (!value.includes('/')) {
    details.push("a name must be a domain-prefixed path, such as 'example.com/my-prop'");
  } else if (value.includes(OWN_DOMAIN)) details.push(`must not have ${quote(OWN_DOMAIN)} domain`);
  if (value.startsWith(QUOTA_PREFIX)) details.push(`must not have ${quote(QUOTA_PREFIX)} prefix`);
  return invalidEach(path, value, [...details, ...isQualifiedName(QUOTA_PREFIX + value)]);
}

/** DNS subdomains separated by slashes. */
function poolName(path: FieldPath, value: string): FieldError[] {
  const length =
    byteLength(value) > DNS1123_SUBDOMAIN_MAX_LENGTH ? [tooLong(path, DNS1123_SUBDOMAIN_MAX_LENGTH)] : [];
  const segments = value.split('/').flatMap((segment, index) => {
    const at = `segment ${index}: `;
    if (segment === '') return [invalid(path, value, `${at}must not be empty`)];
    return longName(segment).map((text) => invalid(path, segment, at + text));
  });
  return [...length, ...segments];
}

/** `domain/id`. Like upstream, tolerates further slashes. */
function fullyQualifiedName(path: FieldPath, value: string): FieldError[] {
  const [prefix = '', id, ...more] = value.split('/');
  if (id === undefined) {
    const detail = 'a fully qualified name must be a domain and a name separated by a slash';
    return [...idErrors(path, prefix), invalid(path, value, detail)];
  }
  if (more.length > 0) return [];
  return [
    ...(prefix === '' ? [invalid(path, '', 'prefix must not be empty')] : prefixErrors(path, prefix)),
    ...(id === '' ? [invalid(path, '', 'name must not be empty')] : idErrors(path, id)),
  ];
}

function prefixErrors(path: FieldPath, prefix: string): FieldError[] {
  const length = byteLength(prefix) > MAX_PREFIX_LENGTH ? [tooLong(path, MAX_PREFIX_LENGTH)] : [];
  return [...length, ...longName(prefix).map((text) => invalid(path, prefix, `prefix: ${text}`))];
}

function idErrors(path: FieldPath, id: string): FieldError[] {
  const length = byteLength(id) > MAX_ID_LENGTH ? [tooLong(path, MAX_ID_LENGTH)] : [];
  return [...length, ...invalidEach(path, id, isCIdentifier(id))];
}
