/** Refusals as every plugin words them (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/errors.go). */

import { isForbidden, newForbidden, type StatusError } from '../meta/status-error.ts';
import type { AdmissionAttributes } from './admission.ts';

function nameOf({ name, object }: AdmissionAttributes): string {
  return name || object?.metadata.name || object?.metadata.generateName || 'Unknown';
}

/** `why`: a text, or an error whose message is told; a Forbidden stays as it is. */
export function forbidden(attributes: AdmissionAttributes, why: unknown): StatusError {
  if (isForbidden(why)) return why;
  return newForbidden(attributes.resource, nameOf(attributes), why);
}
