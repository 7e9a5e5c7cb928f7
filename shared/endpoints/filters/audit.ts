/** https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/audit.go, authn_audit.go */

import type { AuditMetrics } from '../../audit/audit-metrics.ts';
import type { AuditBackend } from '../../audit/backend.ts';
import type { PolicyRuleEvaluator } from '../../audit/policy-evaluator.ts';
import { RequestAudit } from '../../audit/request-audit.ts';
import { isUnauthorized, newInternalError, StatusError } from '../../meta/status-error.ts';
import { type ApiResponse, headerOf } from '../../request/api-request.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { isStorageError } from '../../storage/errors.ts';
import type { OfferedCodecs } from '../codec/negotiation.ts';
import { acceptsErrors } from '../codec/response-writers.ts';
import { toStatusError } from '../codec/statuses.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';
import { isRefusedByRoute } from '../routing/route-media-types.ts';
import type { ServingContext } from '../routing/serving-context.ts';

export interface AuditConfig {
  readonly evaluator: PolicyRuleEvaluator;
  readonly backend: AuditBackend;
  readonly metrics: AuditMetrics;
  /** Added to each event. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Sends waiting events; called before an answer ends, for hosts that are frozen between requests. */
  readonly flush?: (() => Promise<void>) | undefined;
}

const NO_USER: UserInfo = { name: '', uid: '', groups: [], extra: {} };

function begin(audit: RequestAudit, context: ServingContext, user: UserInfo, config: AuditConfig): void {
  const { request, requestInfo, receivedAt } = context;
  const rule = config.evaluator.evaluate(user, requestInfo);
  config.metrics.level(rule.level);
  audit.begin({ request, requestInfo, user, receivedAt }, rule, config.backend);
  for (const [key, value] of Object.entries(config.annotations ?? {})) audit.addAnnotation(key, value);
}

/** Logs failed attempts to authenticate. Must be outside authentication, whose audit annotations it keeps. */
export function withFailedAuthenticationAudit(config: AuditConfig): Filter {
  return async (context, next) => {
    const audit = new RequestAudit(context.audit.auditID);
    context.audit = audit;
    try {
      return await next(context);
    } catch (error) {
      if (!isUnauthorized(error) || audit.hasBegun) throw error;
      begin(audit, context, NO_USER, config);
      audit.logResponseStatus({ message: attemptedMethods(context), code: error.status.code });
      await audit.processStage('ResponseStarted');
      await config.flush?.();
      throw error;
    }
  };
}

function attemptedMethods({ request }: ServingContext): string {
  const [scheme = '', credentials] = (headerOf(request.headers, 'authorization') ?? '').trim().split(' ');
  const methods: string[] = [];
  if (scheme.toLowerCase() === 'basic') methods.push('basic');
  if (scheme.toLowerCase() === 'bearer' && credentials !== undefined) methods.push('bearer');
  if (request.query.get('access_token')?.trim()) methods.push('access_token');
  if (request.clientCertificates?.length) methods.push('x509');
  if (methods.length === 0) return 'Authentication failed, no credentials provided';
  return `Authentication failed, attempted: ${methods.join(', ')}`;
}

/** Logs a request when it arrives and when its answer is complete. Must be inside authentication. */
export function withAudit(config: AuditConfig, codecs: OfferedCodecs): Filter {
  return async (context, next) => {
    const { audit } = context;
    if (!(audit instanceof RequestAudit) || context.loopback) return next(context);
    begin(audit, context, context.user, config);
    if (!audit.enabled) return next(context);
    if (!(await audit.processStage('RequestReceived'))) {
      config.metrics.rejected();
      throw newInternalError('failed to store audit event');
    }
    let response: ApiResponse;
    try {
      response = await next(context);
    } catch (error) {
      await logFailure(audit, context, { ...config, codecs }, error);
      throw error;
    }
    return logAnswer(audit, context, config, response);
  };
}

function noteImpersonation(
  audit: RequestAudit,
  { impersonator, user, impersonationConstraint }: ServingContext,
): void {
  if (impersonator !== undefined) audit.logImpersonatedUser(user, impersonationConstraint);
}

async function complete(audit: RequestAudit, config: AuditConfig, panicked = false): Promise<void> {
  await audit.processStage(panicked ? 'Panic' : 'ResponseComplete');
  await config.flush?.();
}

async function logFailure(
  audit: RequestAudit,
  context: ServingContext,
  config: AuditConfig & { readonly codecs: OfferedCodecs },
  error: unknown,
): Promise<void> {
  noteImpersonation(audit, context);
  const { status } = toStatusError(error);
  // A route's own refusal is plain text rather than a Status. In a form that the client refuses, upstream logs no error.
  const isLogged = !isRefusedByRoute(status) && (await acceptsErrors(context, config.codecs));
  if (!isLogged) audit.logResponseStatus({ code: status.code });
  else {
    audit.logResponseStatus(status);
    await audit.logResponseObject(() => status);
  }
  if (isLongRunning(context.requestInfo)) await audit.processStage('ResponseStarted');
  const isExpected = error instanceof StatusError || isStorageError(error) || status.code !== 500;
  await complete(audit, config, !isExpected);
}

async function logAnswer(
  audit: RequestAudit,
  context: ServingContext,
  config: AuditConfig,
  response: ApiResponse,
): Promise<ApiResponse> {
  noteImpersonation(audit, context);
  if (!audit.hasResponseStatus) audit.logResponseStatus({ code: response.status });
  if (isLongRunning(context.requestInfo)) await audit.processStage('ResponseStarted');
  const { body } = response;
  if (body instanceof Uint8Array) {
    await complete(audit, config);
    return response;
  }
  return { ...response, body: afterwards(body, () => complete(audit, config)) };
}

/** The same body; calls `then` when it has been sent or sending has been cut short. */
async function* afterwards(
  body: AsyncIterable<Uint8Array>,
  then: () => Promise<void>,
): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } finally {
    await then();
  }
}
