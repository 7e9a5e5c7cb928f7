/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/authenticator/audagnostic.go */

import type { ApiRequest } from '../request/api-request.ts';
import type {
  AuthenticationRecorder,
  AuthenticatorResponse,
  RequestAuthenticator,
  TokenAuthenticator,
} from './authenticator.ts';

/** The audiences in both lists, in the order of `wanted`. */
export function intersectAudiences(had: readonly string[], wanted: readonly string[]): string[] {
  return wanted.filter((audience) => had.includes(audience));
}

/**
 * Whether a response for the audiences `answered` is valid for a server with `apiAudiences`; an empty list matches any.
 */
export function audiencesAreAcceptable(
  apiAudiences: readonly string[],
  answered: readonly string[],
): boolean {
  if (apiAudiences.length === 0 || answered.length === 0) return true;
  return intersectAudiences(apiAudiences, answered).length > 0;
}

/** Restricts credentials without audiences to the API server. */
export class AudienceAgnosticRequestAuthenticator implements RequestAuthenticator {
  readonly #apiAudiences: readonly string[];
  readonly #delegate: RequestAuthenticator;

  constructor(apiAudiences: readonly string[], delegate: RequestAuthenticator) {
    this.#apiAudiences = apiAudiences;
    this.#delegate = delegate;
  }

  async authenticateRequest(
    request: ApiRequest,
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    const response = await this.#delegate.authenticateRequest(request, recorder);
    return response && { ...response, audiences: this.#apiAudiences };
  }
}

/** The same for tokens, which a TokenReview may check for other audiences than the API server's. */
export class AudienceAgnosticTokenAuthenticator implements TokenAuthenticator {
  readonly #apiAudiences: readonly string[];
  readonly #delegate: TokenAuthenticator;

  constructor(apiAudiences: readonly string[], delegate: TokenAuthenticator) {
    this.#apiAudiences = apiAudiences;
    this.#delegate = delegate;
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    if (audiences.length === 0) return this.#delegate.authenticateToken(token, audiences, recorder);
    const common = intersectAudiences(this.#apiAudiences, audiences);
    if (common.length === 0) return undefined;
    const response = await this.#delegate.authenticateToken(token, [], recorder);
    return response && { ...response, audiences: common };
  }
}
