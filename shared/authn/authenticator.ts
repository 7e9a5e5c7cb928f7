/**
 * The authentication contract
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/authenticator/interfaces.go).
 */

import type { ApiRequest } from '../request/api-request.ts';
import type { UserInfo } from '../request/user-info.ts';

export interface AuthenticatorResponse {
  readonly user: UserInfo;
  /** Audiences the credential is good for; empty when the authenticator doesn't know of audiences. */
  readonly audiences: readonly string[];
}

/** Credentials were given and are bad. The message is for the log; clients only see 401. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
}

export interface RequestAuthenticator {
  /** Undefined: no credentials that this authenticator knows. Throws `AuthenticationError` for bad ones. */
  authenticateRequest(request: ApiRequest): Promise<AuthenticatorResponse | undefined>;
}

export interface TokenAuthenticator {
  authenticateToken(token: string, audiences: readonly string[]): Promise<AuthenticatorResponse | undefined>;
}
