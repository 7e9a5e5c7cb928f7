import {
  type AuthenticationRecorder,
  type AuthenticatorResponse,
  aggregateAuthenticationErrors,
  type TokenAuthenticator,
} from '../authenticator.ts';

/** Tries the authenticators in order; errors are reported only if none of them succeeds. */
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
