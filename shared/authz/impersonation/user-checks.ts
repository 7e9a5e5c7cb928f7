/** The rights required to impersonate each part of a user. */

import { aggregateFieldErrors } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { isForbidden } from '../../meta/status-error.ts';
import { isDomainPrefixedPath } from '../../meta/validation/domains.ts';
import { isDNS1123Subdomain } from '../../meta/validation/names.ts';
import { serviceAccountGroups, splitServiceAccountUsername } from '../../request/service-account-user.ts';
import {
  ALL_AUTHENTICATED,
  ALL_UNAUTHENTICATED,
  ANONYMOUS,
  SYSTEM_PRIVILEGED_GROUP,
  type UserInfo,
} from '../../request/user-info.ts';
import { quote, quoteAll } from '../../runtime/go-format.ts';
import { breathe } from '../../util/breathe.ts';
import type { Authorizer, AuthorizerAttributes } from '../authorizer.ts';
import { forbiddenStatusError } from '../forbidden.ts';

const NODES_GROUP = 'system:nodes';
/** From this number of checks on, a single check that covers them all is tried first. */
const MANY_CHECKS = 4;

export function nodeNameOf(username: string): string | undefined {
  const prefix = 'system:node:';
  const name = username.startsWith(prefix) ? username.slice(prefix.length) : '';
  return name !== '' && isDNS1123Subdomain(name).length === 0 ? name : undefined;
}

/** Rejects with Forbidden unless the attributes are allowed. */
export async function checkAuthorization(
  authorizer: Authorizer,
  attributes: AuthorizerAttributes,
): Promise<void> {
  const { decision, reason, error } = await authorizer.authorize(attributes);
  if (decision === 'Allow') return;
  if (isForbidden(error)) throw error;
  const parts = [error?.message ?? '', reason].filter((part) => part !== '');
  throw forbiddenStatusError(attributes, parts.join(': '));
}

function extraProblem(extra: UserInfo['extra']): string | undefined {
  const not = 'in extra is not allowed';
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return `impersonating the empty string key ${not}`;
    const errors = isDomainPrefixedPath(FieldPath.of('extra', 'key'), key);
    if (errors.length > 0) return `impersonating an invalid key ${not}: ${aggregateFieldErrors(errors)}`;
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key ${not}: ${quote(key)}`;
    if (values.length === 0) return `impersonating empty values ${not}`;
    if (values.includes('')) return `impersonating the empty string value ${not}`;
  }
  return undefined;
}

export interface UserChecks {
  readonly authorizer: Authorizer;
  readonly requestor: UserInfo;
  readonly verb: string;
  /** The verb `impersonate` has older, less strict rules than the constrained verbs. */
  readonly constrained: boolean;
}

/** An attempt to impersonate a user by one verb. */
export class ImpersonationAttempt {
  readonly #checks: UserChecks;

  constructor(checks: UserChecks) {
    this.#checks = checks;
  }

  /** Returns the effective user. Rejects with Forbidden. */
  async impersonate(wanted: UserInfo): Promise<UserInfo> {
    const groups = await this.#authorizeUsername(wanted);
    if (wanted.uid !== '') await this.#check(this.#attributes('uids', wanted.uid));
    await this.#authorizeGroups(wanted.groups);
    await this.#authorizeExtra(wanted.extra);
    const standard = wanted.name === ANONYMOUS.name ? ALL_UNAUTHENTICATED : ALL_AUTHENTICATED;
    const decided = groups.includes(standard) || groups.includes(ALL_UNAUTHENTICATED);
    return { ...wanted, groups: decided ? groups : [...groups, standard] };
  }

  #attributes(
    resource: string,
    name: string,
    more: Partial<AuthorizerAttributes> = {},
  ): AuthorizerAttributes {
    const { requestor: user, verb, constrained } = this.#checks;
    const isCore =
      !constrained && (resource === 'users' || resource === 'groups' || resource === 'serviceaccounts');
    return {
      user,
      verb,
      isResourceRequest: true,
      namespace: '',
      apiGroup: isCore ? '' : 'authentication.k8s.io',
      apiVersion: 'v1',
      resource,
      subresource: '',
      name,
      path: '',
      ...more,
    };
  }

  async #check(attributes: AuthorizerAttributes): Promise<void> {
    await checkAuthorization(this.#checks.authorizer, attributes);
  }

  async #allows(attributes: AuthorizerAttributes): Promise<boolean> {
    return (await this.#checks.authorizer.authorize(attributes)).decision === 'Allow';
  }

  /** Returns the requested groups, or if there are none, the groups implied by the name. */
  async #authorizeUsername({ name, groups }: UserInfo): Promise<readonly string[]> {
    const { constrained } = this.#checks;
    const node = constrained ? nodeNameOf(name) : undefined;
    const account = splitServiceAccountUsername(name);
    let attributes = this.#attributes('users', name);
    let own = groups;
    if (node !== undefined) {
      attributes = this.#attributes('nodes', node);
      own = [NODES_GROUP];
    } else if (account !== undefined) {
      attributes = this.#attributes('serviceaccounts', account.name, { namespace: account.namespace });
      if (groups.length === 0) own = serviceAccountGroups(account.namespace);
    }
    if (constrained && (node ?? account) !== undefined && groups.length > 0) {
      const what = node === undefined ? 'service account' : 'node';
      throw forbiddenStatusError(
        attributes,
        `when impersonating a ${what}, cannot impersonate groups ${quoteAll(groups)}`,
      );
    }
    await this.#check(attributes);
    return own;
  }

  async #authorizeGroups(groups: readonly string[]): Promise<void> {
    if (this.#checks.constrained) {
      if (groups.includes('')) {
        const why = 'impersonating the empty string group is not allowed';
        throw forbiddenStatusError(this.#attributes('groups', ''), why);
      }
      if (groups.includes(SYSTEM_PRIVILEGED_GROUP)) {
        const why = 'impersonating the system:masters group is not allowed';
        throw forbiddenStatusError(this.#attributes('groups', SYSTEM_PRIVILEGED_GROUP), why);
      }
      if (groups.length >= MANY_CHECKS && (await this.#allows(this.#attributes('groups', '*')))) return;
    }
    for (const group of groups) {
      await this.#check(this.#attributes('groups', group));
      await breathe();
    }
  }

  async #authorizeExtra(extra: UserInfo['extra']): Promise<void> {
    const entries = Object.entries(extra);
    if (entries.length === 0) return;
    if (this.#checks.constrained) {
      const problem = extraProblem(extra);
      if (problem !== undefined) throw forbiddenStatusError(this.#attributes('userextras', ''), problem);
      const many =
        entries.length >= MANY_CHECKS || entries.flatMap(([, values]) => values).length >= MANY_CHECKS;
      if (many && (await this.#allows(this.#attributes('userextras', '*', { subresource: '*' })))) return;
    }
    for (const [key, values] of entries) {
      for (const value of values) {
        await this.#check(this.#attributes('userextras', value, { subresource: key }));
        await breathe();
      }
    }
  }
}
