/**
 * Errors for rejected requests, common to all plugins
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/errors.go).
 */

import { isForbidden, newForbidden, type StatusError } from '../meta/status-error.ts';
import type { AdmissionAttributes } from './admission.ts';

function nameOf({ name, object }: AdmissionAttributes): string {
  return name || object?.metadata.name || object?.metadata.generateName || 'Unknown';
}

/** `why` is a text or an error. A Forbidden is returned unchanged. */
export function forbidden(attributes: AdmissionAttributes, why: unknown): StatusError {
  if (isForbidden(why)) return why;
  return newForbidden(attributes.resource, nameOf(attributes), why);
}
