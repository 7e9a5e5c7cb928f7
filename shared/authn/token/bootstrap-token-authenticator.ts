/** https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authenticator/token/bootstrap/bootstrap.go */

import type { Secret } from '../../apis/core/v1/types.ts';
import type { AuthenticatorResponse, TokenAuthenticator } from '../authenticator.ts';
import { equalSecrets } from '../equal-secrets.ts';

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const DEFAULT_GROUP = 'system:bootstrappers';
const SECRET_TYPE = 'bootstrap.kubernetes.io/token';

/** Reads a Secret in `kube-system`; undefined if it does not exist. */
export type GetBootstrapSecret = (name: string) => Promise<Secret | undefined>;

function groupsOf(extraGroups: string): string[] | undefined {
  const groups = extraGroups.split(',').filter((group) => group !== '');
  if (groups.some((group) => !GROUP.test(group))) return undefined;
  return [DEFAULT_GROUP, ...new Set(groups.sort())];
}

/** Authenticates tokens that nodes join with: `<id>.<secret>`, stored in Secrets in `kube-system`. */
export class BootstrapTokenAuthenticator implements TokenAuthenticator {
  readonly #getSecret: GetBootstrapSecret;
  readonly #now: () => number;

  constructor(getSecret: GetBootstrapSecret, now: () => number = Date.now) {
    this.#getSecret = getSecret;
    this.#now = now;
  }

  async authenticateToken(token: string): Promise<AuthenticatorResponse | undefined> {
    const [, id, secret] = TOKEN.exec(token) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const found = await this.#getSecret(`bootstrap-token-${id}`);
    if (found === undefined || found.metadata.deletionTimestamp || found.type !== SECRET_TYPE)
      return undefined;
    const data = (key: string): string =>
      Buffer.from((Object.hasOwn(found.data ?? {}, key) && found.data?.[key]) || '', 'base64').toString();
    if (!equalSecrets(data('token-secret'), secret) || data('token-id') !== id) return undefined;
    if (this.#hasExpired(data('expiration')) || data('usage-bootstrap-authentication') !== 'true')
      return undefined;
    const groups = groupsOf(data('auth-extra-groups'));
    if (groups === undefined) return undefined;
    return { user: { name: `system:bootstrap:${id}`, uid: '', groups, extra: {} }, audiences: [] };
  }

  /** An invalid date counts as expired. */
  #hasExpired(expiration: string): boolean {
    if (expiration === '') return false;
    const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
    const time = rfc3339.test(expiration) ? Date.parse(expiration) : Number.NaN;
    return !(this.#now() < time);
  }
}
