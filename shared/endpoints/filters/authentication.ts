import type { AuthenticatorResponse, RequestAuthenticator } from '../../authn/authenticator.ts';
import {
  STANDARD_REQUEST_HEADERS,
  withoutRequestHeaders,
} from '../../authn/request/request-header-authenticator.ts';
import { newUnauthorized } from '../../meta/status-error.ts';
import type { HeaderFields } from '../../request/api-request.ts';
import type { Filter } from '../handler.ts';
import type { ServingContext } from '../serving-context.ts';
import type { LogError } from './panic-recovery.ts';

/** Learns who calls. The server's own requests, by its loopback client, know already. */
export function withAuthentication(authenticator: RequestAuthenticator, logError: LogError): Filter {
  return async (context, next) => {
    if (context.loopback) return next(context);
    const response = await authenticate(authenticator, context, logError);
    if (response === undefined) throw newUnauthorized('Unauthorized');
    context.user = response.user;
    context.request = { ...context.request, headers: withoutCredentials(context.request.headers) };
    return next(context);
  };
}

async function authenticate(
  authenticator: RequestAuthenticator,
  context: ServingContext,
  logError: LogError,
): Promise<AuthenticatorResponse | undefined> {
  try {
    return await authenticator.authenticateRequest(context.request, {
      addAuditAnnotation: (key, value) => context.audit.addAnnotation(key, value),
      addWarning: (text) => context.addWarning(text),
    });
  } catch (error) {
    // Clients aren't told why; whoever runs the server is.
    logError('Unable to authenticate the request', error);
    return undefined;
  }
}

/** Nothing further in has a use for them, and nothing further in shall believe them. */
function withoutCredentials(headers: HeaderFields): HeaderFields {
  const kept = withoutRequestHeaders(headers, STANDARD_REQUEST_HEADERS);
  if (!kept.has('authorization')) return kept;
  return new Map([...kept].filter(([name]) => name !== 'authorization'));
}
