import type { AuthenticationRecorder, AuthenticatorResponse, TokenAuthenticator } from '../authenticator.ts';

/** Delegates to the authenticator configured at the time of the call. */
export class DynamicTokenAuthenticator implements TokenAuthenticator {
  readonly #current: () => Promise<TokenAuthenticator>;

  constructor(current: () => Promise<TokenAuthenticator>) {
    this.#current = current;
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    return (await this.#current()).authenticateToken(token, audiences, recorder);
  }
}
