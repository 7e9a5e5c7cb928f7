/**
 * Renders a Status as JSON without content negotiation, for errors that occur before a control plane handles the
 * request.
 */

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
