/**
 * Evaluates PolicyRules (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/v1/evaluation_helpers.go).
 */

import type { PolicyRule } from '../../apis/rbac/v1/types.ts';
import { trimEnd } from '../../util/trim.ts';
import type { AuthorizerAttributes } from '../authorizer.ts';

type Strings = readonly string[] | null | undefined;

const includes = (strings: Strings, wanted: string): boolean => strings?.includes(wanted) ?? false;
const includesOrAll = (strings: Strings, wanted: string): boolean =>
  includes(strings, '*') || includes(strings, wanted);

/** `/healthz/*` covers every path that starts with `/healthz/`. */
export function nonResourceURLCovers(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(trimEnd(pattern, '*'));
}

/** The resource as rules name it: `pods/log`. */
export function combinedResource({ resource, subresource }: AuthorizerAttributes): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

export function ruleAllows(attributes: AuthorizerAttributes, rule: PolicyRule): boolean {
  if (!includesOrAll(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResourceRequest) {
    return rule.nonResourceURLs?.some((url) => nonResourceURLCovers(url, attributes.path)) ?? false;
  }
  return (
    includesOrAll(rule.apiGroups, attributes.apiGroup) &&
    (includesOrAll(rule.resources, combinedResource(attributes)) ||
      (attributes.subresource !== '' && includes(rule.resources, `*/${attributes.subresource}`))) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  );
}
