/**
 * Whether some rules grant at least what others do
 * (https://github.com/kubernetes/component-helpers/blob/master/auth/rbac/validation/policy_comparator.go).
 */

import type { PolicyRule } from '../../apis/rbac/v1/types.ts';
import { quoteAll } from '../../runtime/go-format.ts';
import { nonResourceURLCovers } from './rule-allows.ts';

type Strings = readonly string[] | null | undefined;

const coversAll = (owned: Strings, wanted: Strings): boolean =>
  !wanted?.length || (owned?.includes('*') ?? false) || wanted.every((text) => owned?.includes(text));

/** `*` + `/scale` covers `deployments/scale`. */
function resourcesCover(owned: Strings, wanted: Strings): boolean {
  if (coversAll(owned, wanted)) return true;
  return (
    wanted?.every((resource) => {
      if (owned?.includes(resource)) return true;
      const slash = resource.indexOf('/');
      return slash >= 0 && owned?.includes(`*${resource.slice(slash)}`);
    }) ?? true
  );
}

/** `wanted` names one verb of one resource or path: either one owned rule covers it, or none does. */
function ruleCovers(owned: PolicyRule, wanted: PolicyRule): boolean {
  const { resourceNames = [] } = owned;
  const namesCover =
    resourceNames.length === 0 ||
    (!!wanted.resourceNames?.length && wanted.resourceNames.every((name) => resourceNames.includes(name)));
  return (
    coversAll(owned.verbs, wanted.verbs) &&
    coversAll(owned.apiGroups, wanted.apiGroups) &&
    resourcesCover(owned.resources, wanted.resources) &&
    (wanted.nonResourceURLs ?? []).every((path) =>
      owned.nonResourceURLs?.some((pattern) => nonResourceURLCovers(pattern, path)),
    ) &&
    namesCover
  );
}

/** One rule per verb, group, resource and name, and per verb and path. */
export function breakdownRule(rule: PolicyRule): PolicyRule[] {
  const verbs = rule.verbs ?? [];
  const names = rule.resourceNames?.length ? rule.resourceNames : [undefined];
  const ofResources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          ...(name !== undefined && { resourceNames: [name] }),
        })),
      ),
    ),
  );
  const ofPaths = (rule.nonResourceURLs ?? []).flatMap((url) =>
    verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })),
  );
  return [...ofResources, ...ofPaths];
}

/** The broken-down rules of `wanted` that no rule of `owned` covers. */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakdownRule).filter((rule) => !owned.some((one) => ruleCovers(one, rule)));
}

/** Joins the verbs of rules that are about the same one resource; others stay as they are, first. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const compacted: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
    const isSimple = apiGroups.length === 1 && resources.length === 1 && resourceNames.length <= 1;
    if (!isSimple || nonResourceURLs.length > 0) {
      compacted.push(rule);
      continue;
    }
    const key = JSON.stringify([apiGroups, resources, resourceNames]);
    const same = simple.get(key);
    simple.set(key, same ? { ...same, verbs: [...(same.verbs ?? []), ...(rule.verbs ?? [])] } : rule);
  }
  return [...compacted, ...simple.values()];
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` */
export function formatRule(rule: PolicyRule): string {
  const fields: [string, Strings][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = fields.flatMap(([name, values]) => (values?.length ? `${name}:${quoteAll(values)}` : []));
  return `{${shown.join(', ')}}`;
}
