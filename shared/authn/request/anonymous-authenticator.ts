import type { ApiRequest } from '../../request/api-request.ts';
import { ANONYMOUS } from '../../request/user-info.ts';
import type { AuthenticatorResponse, RequestAuthenticator } from '../authenticator.ts';

/** Authenticates requests without credentials as `system:anonymous`; if `paths` is not empty, only on those paths. */
export class AnonymousAuthenticator implements RequestAuthenticator {
  readonly #apiAudiences: readonly string[];
  readonly #paths: ReadonlySet<string>;

  constructor(apiAudiences: readonly string[], paths: readonly string[] = []) {
    this.#apiAudiences = apiAudiences;
    this.#paths = new Set(paths);
  }

  async authenticateRequest({ path }: ApiRequest): Promise<AuthenticatorResponse | undefined> {
    if (this.#paths.size > 0 && !this.#paths.has(path)) return undefined;
    return { user: ANONYMOUS, audiences: this.#apiAudiences };
  }
}
