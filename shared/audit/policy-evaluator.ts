/** https://github.com/kubernetes/apiserver/blob/master/pkg/audit/policy/checker.go */

import type { RequestInfo } from '../request/request-info.ts';
import type { UserInfo } from '../request/user-info.ts';
import { trimEnd } from '../util/trim.ts';
import type { AuditLevel, AuditStage } from './event.ts';
import type { GroupResources, Policy, PolicyRule } from './policy.ts';

/** How much of a request is logged. */
export interface RequestAuditConfig {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

type Matches = (rule: PolicyRule, user: UserInfo, info: RequestInfo) => boolean;

const unlessEmpty = (
  list: readonly string[] | undefined,
  matches: (list: readonly string[]) => boolean,
): boolean => !list?.length || matches(list);

function pathMatches(path: string, pattern: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(trimEnd(pattern, '*'));
}

function groupResourcesMatch(
  { group = '', resources = [], resourceNames = [] }: GroupResources,
  info: RequestInfo,
): boolean {
  const { apiGroup, resource, subresource, name } = info;
  if (group !== apiGroup && group !== '*') return false;
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(name)) return false;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return (
    resources.includes(combined) ||
    resources.includes('*') ||
    resources.includes(`${resource}/*`) ||
    (subresource !== '' && resources.includes(`*/${subresource}`))
  );
}

/** All must hold. */
const CONDITIONS: readonly Matches[] = [
  ({ users }, { name }) => unlessEmpty(users, (list) => list.includes(name)),
  ({ userGroups }, { groups }) =>
    unlessEmpty(userGroups, (list) => groups.some((group) => list.includes(group))),
  ({ verbs }, _user, { verb }) => unlessEmpty(verbs, (list) => list.includes(verb)),
  ({ namespaces, resources, nonResourceURLs }, _user, info) => {
    if (namespaces?.length || resources?.length) {
      if (!info.isResourceRequest) return false;
      if (!unlessEmpty(namespaces, (list) => list.includes(info.namespace))) return false;
      return !resources?.length || resources.some((one) => groupResourcesMatch(one, info));
    }
    if (!nonResourceURLs?.length) return true;
    return !info.isResourceRequest && nonResourceURLs.some((pattern) => pathMatches(info.path, pattern));
  },
];

export class PolicyRuleEvaluator {
  readonly #rules: readonly { readonly rule: PolicyRule; readonly config: RequestAuditConfig }[];
  readonly #default: RequestAuditConfig;

  constructor({ rules, omitStages = [], omitManagedFields = false }: Policy) {
    this.#rules = rules.map((rule) => ({
      rule,
      config: {
        level: rule.level,
        omitStages: new Set([...omitStages, ...(rule.omitStages ?? [])]),
        omitManagedFields: rule.omitManagedFields ?? omitManagedFields,
      },
    }));
    this.#default = { level: 'None', omitStages: new Set(omitStages), omitManagedFields };
  }

  evaluate(user: UserInfo, info: RequestInfo): RequestAuditConfig {
    const found = this.#rules.find(({ rule }) => CONDITIONS.every((matches) => matches(rule, user, info)));
    return found?.config ?? this.#default;
  }
}
