/**
 * Spans of requests and of the filters they pass
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/traces.go).
 */

import { headerOf } from '../../request/api-request.ts';
import { MONITORING_GROUP, SYSTEM_PRIVILEGED_GROUP } from '../../request/user-info.ts';
import { currentSpan, runIn, type Span, type Tracer } from '../../util/spans.ts';
import { withRelease } from '../../util/with-release.ts';
import { toStatusError } from '../codec/statuses.ts';
import type { Filter } from '../routing/handler.ts';
import type { ServingContext } from '../routing/serving-context.ts';

export interface TracingConfig {
  readonly tracer: Tracer;
  /** Whether to flush spans before the answer ends, for hosts that are frozen between requests. */
  readonly flushEachRequest: boolean;
  /** Whether privileged clients may set the parent trace of their requests. */
  readonly trustsClients: boolean;
}

/** Groups of privileged clients. */
const TRUSTED = [SYSTEM_PRIVILEGED_GROUP, MONITORING_GROUP];

/** Must be inside authentication, which decides whether the client's trace context is trusted. */
export function withTracing({ tracer, flushEachRequest, trustsClients }: TracingConfig): Filter {
  return async (context, next) => {
    // Requests of the loopback client belong to the span of the caller.
    if (context.loopback) return next(context);
    const { request, user, receivedAt } = context;
    const span = tracer.start({
      name: spanName(context),
      startedAt: receivedAt,
      header: (name) => headerOf(request.headers, name),
      isTrusted: trustsClients && TRUSTED.some((group) => user.groups.includes(group)),
      attributes: attributesOf(context),
    });
    span.child('authentication', {}, receivedAt).end();
    const end = async (): Promise<void> => {
      span.end();
      if (flushEachRequest) await tracer.flush();
    };
    try {
      const response = await runIn(span, () => next(context));
      recordStatus(span, response.status);
      if (response.body instanceof Uint8Array) {
        span.set({ 'http.response.body.size': response.body.byteLength });
        await end();
        return response;
      }
      return { ...response, body: withRelease(response.body, request.signal, end) };
    } catch (error) {
      recordStatus(span, toStatusError(error).status.code ?? 500);
      await end();
      throw error;
    }
  };
}

/** The filter, with a span of its own until it calls `next`. */
export function inFilterSpan(name: string, filter: Filter): Filter {
  return async (context, next) => {
    const parent = currentSpan();
    if (parent === undefined) return filter(context, next);
    const span = parent.child(name);
    try {
      return await runIn(span, () =>
        filter(context, (handed) => {
          span.end();
          return runIn(parent, () => next(handed));
        }),
      );
    } finally {
      span.end();
    }
  };
}

/** The same for all objects of a resource: `GET /api/v1/namespaces/{:namespace}/pods/{:name}`. */
function spanName({ request: { method }, requestInfo }: ServingContext): string {
  const { isResourceRequest, apiPrefix, apiGroup, apiVersion, namespace, resource, name, subresource } =
    requestInfo;
  if (!isResourceRequest) return method;
  const parts = [
    apiPrefix,
    apiGroup,
    apiVersion,
    namespace && 'namespaces/{:namespace}',
    resource,
    name && '{:name}',
    subresource,
  ];
  return `${method} /${parts.filter((part) => part !== '').join('/')}`;
}

function attributesOf({ request, audit }: ServingContext) {
  const { method, path, query, headers, host, remoteAddress } = request;
  const search = query.toString();
  return {
    'http.request.method': method,
    'http.target': search === '' ? path : `${path}?${search}`,
    'url.path': path,
    'server.address': host,
    'client.address': remoteAddress,
    'user_agent.original': headerOf(headers, 'user-agent'),
    'audit-id': audit.auditID,
  };
}

function recordStatus(span: Span, status: number): void {
  span.set({ 'http.response.status_code': status });
  if (status >= 500) span.fail(`status ${status}`);
}
