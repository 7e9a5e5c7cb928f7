/**
 * Groups of the Kubernetes community require an approval for definitions
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apihelpers/helpers.go).
 */

import { API_APPROVED_ANNOTATION } from '../../apis/apiextensions/definition.ts';
import { quote } from '../../runtime/go-format.ts';
import { parseRequestURI } from '../../util/request-uri.ts';

export type ApprovalState = 'Invalid' | 'Approved' | 'Bypassed' | 'Missing';

const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** The state in the annotation, with a reason for humans. */
export function approvalState(annotations: Readonly<Record<string, string>> | undefined): {
  readonly state: ApprovalState;
  readonly reason: string;
} {
  const annotation = annotations?.[API_APPROVED_ANNOTATION] ?? '';
  const name = quote(API_APPROVED_ANNOTATION);
  if (annotation === '') {
    return { state: 'Missing', reason: `protected groups must have approval annotation ${name}, ${SEE}` };
  }
  if (annotation.startsWith('unapproved')) {
    return { state: 'Bypassed', reason: `not approved: ${quote(annotation)}` };
  }
  const url = parseRequestURI(annotation);
  if (url !== undefined && url.host !== '' && url.scheme !== '') {
    return { state: 'Approved', reason: `approved in ${annotation}` };
  }
  const form = 'with either a URL or a reason starting with "unapproved"';
  return {
    state: 'Invalid',
    reason: `protected groups must have approval annotation ${name} ${form}, ${SEE}`,
  };
}
