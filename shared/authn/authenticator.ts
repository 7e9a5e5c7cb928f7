/**
 * The authentication contract
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/authenticator/interfaces.go).
 */

import { isUnavailable } from '../meta/status-error.ts';
import type { ApiRequest } from '../request/api-request.ts';
import type { UserInfo } from '../request/user-info.ts';
import { aggregateMessages } from '../runtime/go-format.ts';

export interface AuthenticatorResponse {
  readonly user: UserInfo;
  /** Audiences the credential is good for; empty when the authenticator doesn't know of audiences. */
  readonly audiences: readonly string[];
}

/** Credentials were given and are bad. The message is for the log; clients only see 401. */
export class AuthenticationError extends Error {
  override readonly name: string = 'AuthenticationError';
  /** What it says, by each who said it. */
  readonly messages: readonly string[];

  constructor(message: string | readonly string[], options?: ErrorOptions) {
    const messages = typeof message === 'string' ? [message] : message;
    super(aggregateMessages(messages), options);
    this.messages = messages;
  }
}

export const messagesOf = (error: Error): readonly string[] =>
  error instanceof AuthenticationError ? error.messages : [error.message];

export const INVALID_BEARER_TOKEN = 'invalid bearer token';

/**
 * What a chain of authenticators throws of what its members threw. Where what it takes to judge credentials can't be had
 * at the moment (a key, an object, AWS's word), upstream answers 401; here clients are told to come again, for a 401
 * makes them give up good credentials.
 */
export function aggregateAuthenticationErrors(errors: readonly Error[]): Error {
  return (
    errors.find(isUnavailable) ?? new AuthenticationError(errors.flatMap(messagesOf), { cause: errors[0] })
  );
}

/** What an authenticator may tell beside its answer. */
export interface AuthenticationRecorder {
  addAuditAnnotation(key: string, value: string): void;
  /** A warning for the client, also when there is no answer. */
  addWarning(text: string): void;
}

export interface RequestAuthenticator {
  /** Undefined: no credentials that this authenticator knows. Throws `AuthenticationError` for bad ones. */
  authenticateRequest(
    request: ApiRequest,
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined>;
}

export interface TokenAuthenticator {
  /** `audiences`: whom the token must be meant for; empty when nobody asked. */
  authenticateToken(
    token: string,
    audiences: readonly string[],
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined>;
}
