/** https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/authentication.go */

import { audiencesAreAcceptable } from '../../authn/audiences.ts';
import type { AuthenticatorResponse, RequestAuthenticator } from '../../authn/authenticator.ts';
import {
  type RequestHeaderNames,
  STANDARD_REQUEST_HEADERS,
  withoutRequestHeaders,
} from '../../authn/request/request-header-authenticator.ts';
import { withoutWebSocketTokens } from '../../authn/request/websocket-authenticator.ts';
import { isUnavailable, newUnauthorized } from '../../meta/status-error.ts';
import { changedRequest, type HeaderFields } from '../../request/api-request.ts';
import { ALL_UNAUTHENTICATED, ANONYMOUS } from '../../request/user-info.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import type { Logger } from '../../util/logger.ts';
import { reasonOf } from '../../util/reason-of.ts';
import { Holder } from '../../util/turns.ts';
import type { AccessMetrics, AuthenticationOutcome } from '../metrics/access-metrics.ts';
import type { Filter } from '../routing/handler.ts';
import type { ServingContext } from '../routing/serving-context.ts';

export interface AuthenticationConfig {
  readonly authenticator: RequestAuthenticator;
  /** Audiences that credentials must be valid for; empty accepts any. */
  readonly apiAudiences: readonly string[];
  /** Headers in which front proxies pass the user, in addition to the standard ones. */
  readonly requestHeaders?: RequestHeaderNames | undefined;
  readonly logger: Logger;
  readonly accessMetrics: AccessMetrics;
  /** Whether to close HTTP/2 connections after many unauthenticated requests (UnauthenticatedHTTP2DOSMitigation). */
  readonly endsUnauthenticatedConnections: boolean;
}

/** Authenticates the caller. Requests of the loopback client are already authenticated. */
export function withAuthentication(config: AuthenticationConfig): Filter {
  const parties = new BoundedCache<string, Holder>({ max: MAX_PARTIES });
  return async (context, next) => {
    if (context.loopback) return next(context);
    const response = await authenticate(context, config);
    if (isUnauthenticated(response) && config.endsUnauthenticatedConnections)
      context.request.countUnauthenticated?.();
    if (response === undefined) throw newUnauthorized('Unauthorized');
    context.user = response.user;
    if (!isUnauthenticated(response)) context.request.identified?.(partyOf(response.user.name, parties));
    await context.request.admit?.();
    const headers = withoutCredentials(context.request.headers, config.requestHeaders);
    if (headers !== context.request.headers) context.request = changedRequest(context.request, { headers });
    return next(context);
  };
}

/** Users whose time on the event loop is remembered, and characters of their names. */
const MAX_PARTIES = 4096;
const MAX_NAME = 256;

function partyOf(user: string, parties: BoundedCache<string, Holder>): Holder {
  const name = user.slice(0, MAX_NAME);
  const party = parties.get(name) ?? new Holder();
  parties.set(name, party);
  return party;
}

const isUnauthenticated = (response: AuthenticatorResponse | undefined): boolean =>
  response === undefined ||
  response.user.name === ANONYMOUS.name ||
  response.user.groups.includes(ALL_UNAUTHENTICATED);

/** Removes credentials: no later handler needs them, and a proxied request must not forward them. */
function withoutCredentials(headers: HeaderFields, names: RequestHeaderNames | undefined): HeaderFields {
  let kept = withoutWebSocketTokens(withoutRequestHeaders(headers, STANDARD_REQUEST_HEADERS));
  if (names !== undefined) kept = withoutRequestHeaders(kept, names);
  if (!kept.has('authorization')) return kept;
  return new Map([...kept].filter(([name]) => name !== 'authorization'));
}

/**
 * Authenticates the request. The reason for a failure is logged rather than sent to the client. Throws errors for which
 * `isUnavailable` is true.
 */
async function authenticate(
  context: ServingContext,
  { authenticator, apiAudiences, logger, accessMetrics }: AuthenticationConfig,
): Promise<AuthenticatorResponse | undefined> {
  const recorder = {
    addAuditAnnotation: (key: string, value: string) => context.audit.addAnnotation(key, value),
    addWarning: (text: string) => context.addWarning(text),
  };
  const begin = performance.now();
  const record = (outcome: AuthenticationOutcome, username?: string): void =>
    accessMetrics.authenticated(outcome, (performance.now() - begin) / 1000, username);
  try {
    const response = await authenticator.authenticateRequest(context.request, recorder);
    if (response === undefined || audiencesAreAcceptable(apiAudiences, response.audiences)) {
      record(response === undefined ? 'failure' : 'success', response?.user.name);
      return response;
    }
    const audiences = `${response.audiences} , accepted: ${apiAudiences}`;
    throw new Error(`unable to match the audience: ${audiences}`);
  } catch (error) {
    record('error');
    if (isUnavailable(error)) throw error;
    logger.error('Unable to authenticate the request', reasonOf(error), { auditID: context.audit.auditID });
    return undefined;
  }
}
