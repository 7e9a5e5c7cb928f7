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
  /** Audiences the credential is valid for; empty if the authenticator does not support audiences. */
  readonly audiences: readonly string[];
}

/** The credentials presented are invalid. The message is for the log; clients only see 401. */
export class AuthenticationError extends Error {
  override readonly name: string = 'AuthenticationError';
  /** One message for each authenticator that failed. */
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
 * Combines the errors of a chain of authenticators. If credentials can't be checked at the moment because a key, an
 * object or a response from AWS is unavailable, upstream answers 401; here the error tells clients to retry, because a
 * 401 makes them discard valid credentials.
 */
export function aggregateAuthenticationErrors(errors: readonly Error[]): Error {
  return (
    errors.find(isUnavailable) ?? new AuthenticationError(errors.flatMap(messagesOf), { cause: errors[0] })
  );
}

/** Side outputs of an authenticator. */
export interface AuthenticationRecorder {
  addAuditAnnotation(key: string, value: string): void;
  /** Adds a warning for the client, even if authentication fails. */
  addWarning(text: string): void;
}

export interface RequestAuthenticator {
  /**
   * Undefined: the request has no credentials of the kind handled here. Rejects with `AuthenticationError` for invalid
   * ones.
   */
  authenticateRequest(
    request: ApiRequest,
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined>;
}

export interface TokenAuthenticator {
  /** `audiences`: those the token must be valid for, at least one of them; empty: no restriction. */
  authenticateToken(
    token: string,
    audiences: readonly string[],
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined>;
}
