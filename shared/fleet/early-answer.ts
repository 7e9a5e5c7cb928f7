/**
 * Responses sent before any control plane handles the request. They are recorded like others, with the few fields
 * known.
 */

import type { StatusError } from '../meta/status-error.ts';
import type { ApiRequest, ApiResponse } from '../request/api-request.ts';
import { statusResponse } from '../request/status-response.ts';

export function earlyAnswer(request: ApiRequest, error: StatusError, tenant?: string): ApiResponse {
  return recorded(request, statusResponse(error), tenant);
}

/** Paths whose responses client-go reads as bytes: k8s.io/client-go/discovery. */
const READ_RAW = /^\/(api|apis|version|openapi\/v[23](\/.*)?)\/?$/;

/**
 * Like `earlyAnswer`, for a permanent condition, in a form whose message clients show. client-go requests discovery
 * first, and stops when that fails. For a 503 it reports that the server is unable to handle the request, whatever the
 * response's message; for other codes of 500 and above it shows the body, if that is text (NewGenericServerResponse,
 * k8s.io/apimachinery/pkg/api/errors).
 */
export function permanentAnswer(request: ApiRequest, error: StatusError, tenant: string): ApiResponse {
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
