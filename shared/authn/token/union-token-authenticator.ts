import {
  type AuthenticationRecorder,
  type AuthenticatorResponse,
  aggregateAuthenticationErrors,
  type TokenAuthenticator,
} from '../authenticator.ts';

/** Asks one after the other; an error counts only if nobody after it knows the token. */
export class UnionTokenAuthenticator implements TokenAuthenticator {
  readonly #chain: readonly TokenAuthenticator[];

  constructor(chain: readonly TokenAuthenticator[]) {
    this.#chain = chain;
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    const errors: Error[] = [];
    for (const authenticator of this.#chain) {
      try {
        const response = await authenticator.authenticateToken(token, audiences, recorder);
        if (response !== undefined) return response;
      } catch (error) {
        errors.push(error as Error);
      }
    }
    if (errors.length === 0) return undefined;
    throw aggregateAuthenticationErrors(errors);
  }
}
