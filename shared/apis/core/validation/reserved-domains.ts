import { type FieldError, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { trimEnd } from '../../../util/trim.ts';

const SUFFIXES = ['.k8s.io', '.kubernetes.io'];
const DETAIL = `domain names ${SUFFIXES.map((suffix) => `*${suffix}`).join(', ')} are reserved`;

/** Rejects keys in domains reserved by Kubernetes (upstream's `ValidateForbiddenReservedDomainSuffixes`). */
export function validateUnreservedDomain(key: string, path: FieldPath): FieldError[] {
  const domain = trimEnd(key.split('/', 1)[0]!.toLowerCase().trim(), '.');
  return SUFFIXES.some((suffix) => `.${domain}`.endsWith(suffix)) ? [invalid(path, key, DETAIL)] : [];
}
