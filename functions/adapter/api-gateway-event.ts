/** Converts API Gateway's proxy event (REST API, payload version 1) to an `ApiRequest`. */

import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { newBadRequest } from '../../shared/meta/status-error.ts';
import {
  type ApiRequest,
  type HeaderFields,
  headerFields,
  type StreamBounds,
} from '../../shared/request/api-request.ts';
import type { RequestObserver } from '../../shared/request/request-record.ts';
import { isJSONObject } from '../../shared/util/json.ts';

/** Milliseconds reserved before the function's deadline to end a response cleanly. */
const CLOSING_MS = 2_000;

/**
 * An environment serves one request at a time and isn't notified when its client is gone, so an abandoned watch is
 * billed to its end. API Gateway cuts off a stream that is silent for five minutes.
 */
const STREAM_BOUNDS: StreamBounds = { watchMs: 270_000, silenceMs: 270_000 };

export interface EventOptions {
  readonly canStream: boolean;
  /** Aborted when the host finds that the client is gone. */
  readonly gone?: AbortSignal | undefined;
  /** Called when the response has ended. */
  readonly onEnd?: RequestObserver | undefined;
  readonly claimAnswer?: ApiRequest['claimAnswer'];
}

/** The fields of every REST API event; events of other kinds, such as those of HTTP APIs, lack them. */
type Event = Pick<APIGatewayProxyEvent, 'httpMethod' | 'path'> & Partial<APIGatewayProxyEvent>;

function proxyEvent(event: unknown): Event {
  const { httpMethod, path, body = null } = (isJSONObject(event) ? event : {}) as Partial<Event>;
  const isProxy = typeof httpMethod === 'string' && typeof path === 'string' && path.startsWith('/');
  if (!isProxy || (body !== null && typeof body !== 'string')) {
    throw newBadRequest('the event is not a REST API request (payload version 1.0)');
  }
  return event as Event;
}

/**
 * Converts an event. The gateway has decoded the path; it is encoded again, so that the core gets the same form from
 * every host. The request's signal fires shortly before the function's deadline. Throws `StatusError` for events of
 * other kinds.
 */
export function toApiRequest(given: unknown, context: Context, options: EventOptions): ApiRequest {
  const event = proxyEvent(given);
  const { identity, domainName } = event.requestContext ?? {};
  const certificate = identity?.clientCert?.clientCertPem;
  return {
    method: event.httpMethod,
    path: event.path.split('/').map(encodeSegment).join('/'),
    query: queryOf(event),
    host: domainName,
    headers: headersOf(event),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    clientCertificates: certificate ? [certificate] : undefined,
    remoteAddress: identity?.sourceIp,
    signal:
      options.gone === undefined ? deadline(context) : AbortSignal.any([deadline(context), options.gone]),
    canStream: options.canStream,
    onEnd: options.onEnd,
    claimAnswer: options.claimAnswer,
    ...(options.canStream && { streamBounds: STREAM_BOUNDS }),
  };
}

/**
 * The gateway's own address of the API; undefined if the event doesn't come from a gateway. `region`: the function's.
 */
export function endpointOf(event: unknown, region: string | undefined): string | undefined {
  const { apiId, stage } = (event as Partial<APIGatewayProxyEvent> | undefined)?.requestContext ?? {};
  if (!region || !apiId || !stage) return undefined;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${apiId}.execute-api.${region}.${suffix}/${stage}`;
}

/** Percent-encodes exactly the characters that a path segment may not contain (RFC 3986, 3.3). */
function encodeSegment(segment: string): string {
  // A lone surrogate can't be encoded; the conversion to UTF-8 makes it the replacement character.
  const encoded = encodeURIComponent(Buffer.from(segment).toString());
  return encoded.replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

type Values = Readonly<Record<string, readonly string[] | undefined>> | null | undefined;
type Single = Readonly<Record<string, string | undefined>> | null | undefined;

/** All values of all names; hosts without repeated names provide only single values. */
function* pairs(values: Values, single: Single): Generator<[string, string]> {
  if (values) {
    for (const [name, all] of Object.entries(values)) for (const value of all ?? []) yield [name, value];
    return;
  }
  for (const [name, value] of Object.entries(single ?? {})) if (value !== undefined) yield [name, value];
}

function queryOf(event: Event): URLSearchParams {
  return new URLSearchParams([...pairs(event.multiValueQueryStringParameters, event.queryStringParameters)]);
}

function headersOf(event: Event): HeaderFields {
  return headerFields(pairs(event.multiValueHeaders, event.headers));
}

function deadline(context: Context): AbortSignal {
  const remaining = context.getRemainingTimeInMillis?.();
  // Some emulators of Lambda return NaN.
  if (remaining === undefined || !Number.isFinite(remaining)) return new AbortController().signal;
  return AbortSignal.timeout(Math.max(remaining - CLOSING_MS, 0));
}
