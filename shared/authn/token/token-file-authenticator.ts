/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/token/tokenfile/tokenfile.go */

import type { UserInfo } from '../../request/user-info.ts';
import { parseCSV } from '../../util/csv.ts';
import type { AuthenticatorResponse, TokenAuthenticator } from '../authenticator.ts';
import { SecretIndex } from '../secret-index.ts';

/** `--token-auth-file`: lines of token, user name, user UID and, quoted, groups. */
export class TokenFileAuthenticator implements TokenAuthenticator {
  readonly #index = new SecretIndex();
  readonly #users = new Map<string, UserInfo>();

  /** `path` is used in the error for lines with too few columns. Lines without a token are skipped. */
  constructor(csv: string, path: string) {
    for (const [token = '', name, uid, groups] of parseCSV(csv)) {
      if (name === undefined || uid === undefined) {
        const found = name === undefined ? 1 : 2;
        throw new Error(
          `token file '${path}' must have at least 3 columns (token, user name, user uid), found ${found}`,
        );
      }
      if (token === '') continue;
      this.#users.set(this.#index.keyOf(token), { name, uid, groups: groups?.split(',') ?? [], extra: {} });
    }
  }

  async authenticateToken(token: string): Promise<AuthenticatorResponse | undefined> {
    const user = this.#users.get(this.#index.keyOf(token));
    return user && { user, audiences: [] };
  }
}
