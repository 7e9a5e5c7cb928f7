import type { ApiRequest } from '../../request/api-request.ts';
import {
  type AuthenticationRecorder,
  type AuthenticatorResponse,
  aggregateAuthenticationErrors,
  type RequestAuthenticator,
} from '../authenticator.ts';

/** Tries the authenticators in order; errors are reported only if none of them succeeds. */
export class UnionRequestAuthenticator implements RequestAuthenticator {
  readonly #chain: readonly RequestAuthenticator[];

  constructor(chain: readonly RequestAuthenticator[]) {
    this.#chain = chain;
  }

  async authenticateRequest(
    request: ApiRequest,
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    const errors: Error[] = [];
    for (const authenticator of this.#chain) {
      try {
        const response = await authenticator.authenticateRequest(request, recorder);
        if (response !== undefined) return response;
      } catch (error) {
        errors.push(error as Error);
      }
    }
    if (errors.length === 0) return undefined;
    throw aggregateAuthenticationErrors(errors);
  }
}

/**
 * Tries the authenticators in order; the first error ends authentication, so that a client with bad credentials does
 * not become anonymous.
 */
export class FailOnErrorRequestAuthenticator implements RequestAuthenticator {
  readonly #chain: readonly RequestAuthenticator[];

  constructor(chain: readonly RequestAuthenticator[]) {
    this.#chain = chain;
  }

  async authenticateRequest(
    request: ApiRequest,
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    for (const authenticator of this.#chain) {
      const response = await authenticator.authenticateRequest(request, recorder);
      if (response !== undefined) return response;
    }
    return undefined;
  }
}
