import type { ApiRequest } from '../../request/api-request.ts';
import {
  type AuthenticationRecorder,
  type AuthenticatorResponse,
  aggregateAuthenticationErrors,
  type RequestAuthenticator,
} from '../authenticator.ts';

/** Asks one after the other; an error counts only if nobody after it knows the client. */
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

/** As the union, but the first error ends it: bad credentials don't make a client anonymous. */
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
