/** A Status as an answer, where no content is negotiated: what is told before a control plane has seen the request. */

import type { StatusError } from '../meta/status-error.ts';
import type { ApiResponse } from './api-request.ts';

export function statusResponse({ status }: StatusError): ApiResponse {
  const seconds = status.details?.retryAfterSeconds;
  return {
    status: status.code,
    headers: {
      'content-type': 'application/json',
      ...(seconds !== undefined && { 'retry-after': String(seconds) }),
    },
    body: new TextEncoder().encode(`${JSON.stringify(status)}\n`),
  };
}
