/**
 * CORS and HSTS (https://github.com/kubernetes/apiserver/blob/master/pkg/server/filters/cors.go, hsts.go beside it).
 */

import { headerOf } from '../../request/api-request.ts';
import type { Filter } from '../routing/handler.ts';
import { withHeaders } from '../routing/serving-context.ts';

const GRANTED = {
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers':
    'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date',
  'access-control-allow-credentials': 'true',
};

/**
 * Allows requests from pages whose origin matches one of the expressions. Answers preflight requests, which carry no
 * credentials.
 */
export function withCORS(allowed: readonly { test(origin: string): boolean }[]): Filter {
  return async (context, next) => {
    const { headers, method } = context.request;
    const origin = headerOf(headers, 'origin') ?? '';
    if (origin === '' || !allowed.some((pattern) => pattern.test(origin))) return next(context);
    const granted = { 'access-control-allow-origin': origin, ...GRANTED };
    if (method === 'OPTIONS') return { status: 204, headers: granted, body: new Uint8Array() };
    return withHeaders(await next(context), granted);
  };
}

/** Sets the HSTS header, which restricts browsers to TLS. */
export function withHSTS(directives: readonly string[]): Filter {
  const headers = { 'strict-transport-security': directives.join('; ') };
  return async (context, next) => withHeaders(await next(context), headers);
}
