import { aggregateMessages } from '../../runtime/go-format.ts';
import {
  AuthenticationError,
  type AuthenticationRecorder,
  type AuthenticatorResponse,
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
    throw new AuthenticationError(aggregateMessages(errors.map(({ message }) => message)), {
      cause: errors[0],
    });
  }
}
