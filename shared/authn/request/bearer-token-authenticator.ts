/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/request/bearertoken/bearertoken.go */

import { type ApiRequest, headerOf } from '../../request/api-request.ts';
import {
  AuthenticationError,
  type AuthenticationRecorder,
  type AuthenticatorResponse,
  INVALID_BEARER_TOKEN,
  type RequestAuthenticator,
  type TokenAuthenticator,
} from '../authenticator.ts';

/** `Authorization: Bearer ...` */
export class BearerTokenAuthenticator implements RequestAuthenticator {
  readonly #tokens: TokenAuthenticator;
  readonly #apiAudiences: readonly string[];

  constructor(tokens: TokenAuthenticator, apiAudiences: readonly string[]) {
    this.#tokens = tokens;
    this.#apiAudiences = apiAudiences;
  }

  async authenticateRequest(
    { headers }: ApiRequest,
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    const [scheme = '', token, ...more] = (headerOf(headers, 'authorization') ?? '').trim().split(' ');
    if (token === undefined || scheme.toLowerCase() !== 'bearer') return undefined;
    if (token === '') {
      if (more.length > 0) {
        recorder?.addWarning(
          'the provided Authorization header contains extra space before the bearer token, and is ignored',
        );
      }
      return undefined;
    }
    const response = await this.#tokens.authenticateToken(token, this.#apiAudiences, recorder);
    if (response === undefined) throw new AuthenticationError(INVALID_BEARER_TOKEN);
    return response;
  }
}
