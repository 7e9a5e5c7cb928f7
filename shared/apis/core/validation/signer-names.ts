/** Rules for names of certificate signers and trust bundles (kubernetes `pkg/apis/core/validation/names.go`). */

import { type FieldError, invalid, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import {
  DNS1123_LABEL_MAX_LENGTH,
  DNS1123_SUBDOMAIN_MAX_LENGTH,
  isDNS1123Label,
  isDNS1123Subdomain,
  type NamePart,
  nameIsDNSSubdomain,
} from '../../../meta/validation/names.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';

const MAX_PATH_LENGTH = DNS1123_SUBDOMAIN_MAX_LENGTH + DNS1123_LABEL_MAX_LENGTH + 1;
const MAX_LENGTH = DNS1123_SUBDOMAIN_MAX_LENGTH + MAX_PATH_LENGTH + 1;

/** Whether the name is reserved for the Kubernetes project. */
export function isKubernetesSignerName(signerName: string): boolean {
  const host = signerName.split('/')[0]!;
  return host === 'kubernetes.io' || host.endsWith('.kubernetes.io');
}

/** The errors of the first invalid label of a segment; further ones would be redundant. */
function validateSegment(segment: string, check: (label: string) => string[], path: FieldPath): FieldError[] {
  for (const label of segment.split('.')) {
    const messages = check(label);
    if (messages.length > 0) {
      return messages.map((text) => invalid(path, segment, `validating label ${quote(label)}: ${text}`));
    }
  }
  return [];
}

/** `example.com/name`, where the name may include a namespace. */
export function validateSignerName(path: FieldPath, signerName: string): FieldError[] {
  if (signerName === '') return [required(path, '')];
  const [domain = '', name = '', ...more] = signerName.split('/');
  if (more.length > 0 || !signerName.includes('/')) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, signerName, detail)];
  }
  const errors: FieldError[] = [];
  if (byteLength(domain) > DNS1123_SUBDOMAIN_MAX_LENGTH) {
    errors.push(tooLong(path, DNS1123_SUBDOMAIN_MAX_LENGTH));
  }
  appendAll(errors, validateSegment(domain, isDNS1123Label, path));
  if (!domain.includes('.')) {
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  }
  appendAll(errors, validateSegment(name, isDNS1123Subdomain, path));
  if (byteLength(signerName) > MAX_LENGTH) errors.push(tooLong(path, MAX_LENGTH));
  return errors;
}

/** Names of trust bundles begin with the signer's name, with slashes replaced by colons. */
export function validateClusterTrustBundleName(
  signerName: string,
): (name: string, part?: NamePart) => string[] {
  return (name, part) => {
    if (signerName === '') {
      if (name.includes(':')) return ['ClusterTrustBundle without signer name must not have ":" in its name'];
      return nameIsDNSSubdomain(name, part);
    }
    const start = `${signerName.replaceAll('/', ':')}:`;
    if (!name.startsWith(start)) {
      return [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${start}`];
    }
    return nameIsDNSSubdomain(name.slice(start.length), part);
  };
}

/** The signer in a trust bundle's name; '' if there is none. */
export function signerNameOfClusterTrustBundle(name: string): string {
  const end = name.lastIndexOf(':');
  return end < 0 ? '' : name.slice(0, end).replaceAll(':', '/');
}
