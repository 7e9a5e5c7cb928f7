/** API Gateway's proxy event (REST API, payload version 1) as an `ApiRequest`. */

import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { type ApiRequest, headerFields } from '../../shared/request/api-request.ts';

/** Time kept back from the function's deadline to end an answer cleanly, in milliseconds. */
const CLOSING_MS = 2_000;

export interface EventOptions {
  readonly canStream: boolean;
}

/**
 * Reads an event. The gateway has decoded the path; it is encoded again, so that the core sees one form whichever
 * host it runs in. The request's signal fires shortly before the function's time is up.
 */
export function toApiRequest(
  event: APIGatewayProxyEvent,
  context: Context,
  options: EventOptions,
): ApiRequest {
  const certificate = event.requestContext.identity?.clientCert?.clientCertPem;
  return {
    method: event.httpMethod,
    path: event.path.split('/').map(encodeSegment).join('/'),
    query: queryOf(event),
    headers: headersOf(event),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    clientCertificates: certificate ? [certificate] : undefined,
    remoteAddress: event.requestContext.identity?.sourceIp,
    signal: deadline(context),
    canStream: options.canStream,
  };
}

/** Percent-encodes what a path segment may not hold (RFC 3986, 3.3), and nothing else. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

function queryOf(event: APIGatewayProxyEvent): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) {
    for (const value of values ?? []) query.append(name, value);
  }
  return query;
}

function headersOf(event: APIGatewayProxyEvent) {
  const lines: [string, string][] = [];
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    for (const value of values ?? []) lines.push([name, value]);
  }
  return headerFields(lines);
}

function deadline(context: Context): AbortSignal {
  const remaining = context.getRemainingTimeInMillis?.();
  if (remaining === undefined) return new AbortController().signal;
  return AbortSignal.timeout(Math.max(remaining - CLOSING_MS, 0));
}
