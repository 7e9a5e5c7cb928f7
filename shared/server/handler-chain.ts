/** The filters of every request, outermost first (upstream's `DefaultBuildHandlerChain`). */

import { withAuditInit } from '../endpoints/filters/audit-init.ts';
import { withAuthentication } from '../endpoints/filters/authentication.ts';
import { withAuthorization } from '../endpoints/filters/authorization.ts';
import { withBodyBudget } from '../endpoints/filters/body-budget.ts';
import { withCacheControl } from '../endpoints/filters/cache-control.ts';
import { withCORS, withHSTS } from '../endpoints/filters/cors.ts';
import { withFeatureGates } from '../endpoints/filters/feature-gates.ts';
import { withImpersonation } from '../endpoints/filters/impersonation.ts';
import { withMaxInFlightLimit } from '../endpoints/filters/max-in-flight.ts';
import { withMemoryBudget } from '../endpoints/filters/memory-budget.ts';
import { withMetrics } from '../endpoints/filters/metrics.ts';
import { withPanicRecovery } from '../endpoints/filters/panic-recovery.ts';
import { withRequestBody } from '../endpoints/filters/request-body.ts';
import { withRequestDeadline } from '../endpoints/filters/request-deadline.ts';
import { withRequestInfo } from '../endpoints/filters/request-info.ts';
import { requestLine, withLogScope } from '../endpoints/filters/request-log.ts';
import { withWarningRecorder } from '../endpoints/filters/warning-recorder.ts';
import type { Filter } from '../endpoints/routing/handler.ts';
import type { Prefetch } from '../endpoints/routing/read-ahead.ts';
import { VERBOSITY } from '../util/logger.ts';
import type { GenericConfig } from './generic-config.ts';
import { featureEnabled, knownFeatures } from './options/feature-gates.ts';

export function handlerChain(
  { runtime, identity, apis }: GenericConfig,
  prefetch: Prefetch,
): readonly Filter[] {
  const { logger, options, audit, metrics, tracing, watchTermination } = runtime;
  const traced = (name: string, filter: Filter) => tracing?.around(name, filter) ?? filter;
  const { authorizer } = identity;
  const { codecs } = apis;
  return [
    withAuditInit,
    ...(logger.verbosity < VERBOSITY.storage ? [] : [withLogScope(logger)]),
    withFeatureGates(knownFeatures(options)),
    withMetrics({
      ...metrics,
      onEnd: logger.verbosity < VERBOSITY.requests ? undefined : requestLine(logger),
    }),
    ...(options.strictTransportSecurityDirectives.length > 0
      ? [withHSTS(options.strictTransportSecurityDirectives)]
      : []),
    withCacheControl,
    ...(options.allowedOrigins ? [withCORS(options.allowedOrigins)] : []),
    withWarningRecorder,
    // Converts errors thrown by any of the following into a Status.
    withPanicRecovery(codecs, logger),
    withRequestInfo,
    watchTermination.filter,
    withRequestDeadline(options.requestTimeoutSeconds),
    ...(audit ? [audit.failedAuthentication] : []),
    withAuthentication({
      ...identity,
      logger,
      apiAudiences: options.apiAudiences,
      accessMetrics: metrics.access,
      endsUnauthenticatedConnections: featureEnabled(options, 'UnauthenticatedHTTP2DOSMitigation'),
    }),
    ...(tracing ? [tracing.filter] : []),
    ...(audit ? [audit.filter(codecs)] : []),
    traced(
      'impersonation',
      withImpersonation(authorizer, featureEnabled(options, 'ConstrainedImpersonation')),
    ),
    traced(
      'priorityandfairness',
      withMaxInFlightLimit({
        readOnly: options.maxRequestsInFlight,
        mutating: options.maxMutatingRequestsInFlight,
      }),
    ),
    withMemoryBudget,
    traced('authorization', withAuthorization(authorizer, metrics.access, prefetch)),
    // Bodies are expensive, so they are read only after authentication and authorization.
    withRequestBody(options.maxRequestBodyBytes),
    withBodyBudget,
  ];
}
