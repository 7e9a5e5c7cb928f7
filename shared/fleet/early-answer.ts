/** Answers that no control plane has given: they leave a record as well, of what little is known. */

import type { StatusError } from '../meta/status-error.ts';
import type { ApiRequest, ApiResponse } from '../request/api-request.ts';
import { statusResponse } from '../request/status-response.ts';

export function earlyAnswer(request: ApiRequest, error: StatusError, tenant?: string): ApiResponse {
  return recorded(request, statusResponse(error), tenant);
}

/** What client-go reads as bytes: k8s.io/client-go/discovery. */
const READ_RAW = /^\/(api|apis|version|openapi\/v[23](\/.*)?)\/?$/;

/**
 * As `earlyAnswer`, of what lasts: in words that clients show. client-go asks for discovery first, and for nothing when
 * that fails; of a 503 there it says that the server is unable to handle the request, whatever the answer says. Of other
 * codes from 500 on it shows the words, where they are text (NewGenericServerResponse, k8s.io/apimachinery/pkg/api/errors).
 */
export function lastingAnswer(request: ApiRequest, error: StatusError, tenant: string): ApiResponse {
  if (request.method !== 'GET' || !READ_RAW.test(request.path)) return earlyAnswer(request, error, tenant);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  const body = new TextEncoder().encode(`${error.status.message}\n`);
  return recorded(request, { status: 500, headers, body }, tenant);
}

function recorded(
  { method, path, onEnd }: ApiRequest,
  answer: ApiResponse,
  tenant: string | undefined,
): ApiResponse {
  onEnd?.({
    ...{ auditID: '', verb: method.toLowerCase(), group: '', version: '', resource: '', subresource: '' },
    ...{ namespace: '', name: '', path, status: answer.status, milliseconds: 0, isLongRunning: false },
    bytes: (answer.body as Uint8Array).byteLength,
    ...(tenant !== undefined && { tenant }),
  });
  return answer;
}
