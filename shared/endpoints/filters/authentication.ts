import type { RequestAuthenticator } from '../../authn/authenticator.ts';
import { newUnauthorized } from '../../meta/status-error.ts';
import type { Filter } from '../handler.ts';
import type { LogError } from './panic-recovery.ts';

/** Learns who calls. The server's own requests, by its loopback client, know already. */
export function withAuthentication(authenticator: RequestAuthenticator, logError: LogError): Filter {
  return async (context, next) => {
    if (context.loopback) return next(context);
    const response = await authenticate(authenticator, context.request, logError);
    if (response === undefined) throw newUnauthorized('Unauthorized');
    context.user = response.user;
    if (context.request.headers.has('authorization')) {
      const headers = new Map(context.request.headers);
      // Nothing further in has a use for credentials.
      headers.delete('authorization');
      context.request = { ...context.request, headers };
    }
    return next(context);
  };
}

async function authenticate(
  authenticator: RequestAuthenticator,
  request: Parameters<RequestAuthenticator['authenticateRequest']>[0],
  logError: LogError,
) {
  try {
    return await authenticator.authenticateRequest(request);
  } catch (error) {
    // Clients aren't told why; whoever runs the server is.
    logError('Unable to authenticate the request', error);
    return undefined;
  }
}
