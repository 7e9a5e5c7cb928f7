/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/group/authenticated_group_adder.go */

import type { ApiRequest } from '../request/api-request.ts';
import { ALL_AUTHENTICATED, ALL_UNAUTHENTICATED, ANONYMOUS } from '../request/user-info.ts';
import type { AuthenticationRecorder, AuthenticatorResponse, RequestAuthenticator } from './authenticator.ts';

/**
 * Adds users to `system:authenticated`, except `system:anonymous` and members of `system:authenticated` or
 * `system:unauthenticated`.
 */
export function withAuthenticatedGroup(response: AuthenticatorResponse): AuthenticatorResponse {
  const { user } = response;
  const decided = user.groups.some((group) => group === ALL_AUTHENTICATED || group === ALL_UNAUTHENTICATED);
  if (user.name === ANONYMOUS.name || decided) return response;
  return { ...response, user: { ...user, groups: [...user.groups, ALL_AUTHENTICATED] } };
}

export class AuthenticatedGroupAdder implements RequestAuthenticator {
  readonly #delegate: RequestAuthenticator;

  constructor(delegate: RequestAuthenticator) {
    this.#delegate = delegate;
  }

  async authenticateRequest(
    request: ApiRequest,
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    const response = await this.#delegate.authenticateRequest(request, recorder);
    return response && withAuthenticatedGroup(response);
  }
}
