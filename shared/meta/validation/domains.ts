/** Rules for domain names and names below domains (apimachinery `pkg/util/validation/validation.go`). */

import { type FieldError, invalid, required } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import { regexError } from './format.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from './names.ts';

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const HTTP_PATH_REGEX = new RegExp(`^${HTTP_PATH}$`);

/** At least three segments, without a trailing dot. */
export function isFullyQualifiedName(path: FieldPath, name: string): FieldError[] {
  if (name === '') return [required(path, '')];
  const errors = isDNS1123Subdomain(name);
  if (errors.length > 0) return [invalid(path, name, errors.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalid(path, name, 'should be a domain with at least three segments separated by dots')];
}

/** At least two segments; a trailing dot is accepted. */
export function isFullyQualifiedDomainName(path: FieldPath, name: string): FieldError[] {
  if (name === '') return [required(path, '')];
  const domain = name.endsWith('.') ? name.slice(0, -1) : name;
  const errors = isDNS1123Subdomain(domain);
  if (errors.length > 0) return [invalid(path, domain, errors.join(','))];
  const labels = domain.split('.');
  if (labels.length < 2) {
    return [invalid(path, domain, 'should be a domain with at least two segments separated by dots')];
  }
  for (const label of labels) {
    const labelErrors = isDNS1123Label(label);
    if (labelErrors.length > 0) return [invalid(path, label, labelErrors.join(','))];
  }
  return [];
}

/** `acme.io/foo`, where an HTTP path follows the domain. */
export function isDomainPrefixedPath(path: FieldPath, value: string): FieldError[] {
  if (value === '') return [required(path, '')];
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1) {
    return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const host = value.slice(0, slash);
  const rest = value.slice(slash + 1);
  const errors = isDNS1123Subdomain(host).map((message) => invalid(path, host, message));
  if (!HTTP_PATH_REGEX.test(rest)) errors.push(invalid(path, rest, regexError('Invalid path', HTTP_PATH)));
  return errors;
}

/** `acme.io/foo`, where a label name follows the domain. */
export function isDomainPrefixedKey(path: FieldPath, key: string): FieldError[] {
  if (key === '') return [required(path, '')];
  const errors = isQualifiedName(key).map((message) => invalid(path, key, message));
  if (errors.length > 0 || key.includes('/')) return errors;
  return [invalid(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')];
}
