/** https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/authorization.go */

import { parseFieldSelector } from '../meta/fields.ts';
import { parseLabelSelector } from '../meta/labels.ts';
import type { RequestInfo } from '../request/request-info.ts';
import type { UserInfo } from '../request/user-info.ts';
import type { AuthorizerAttributes, SelectorRequirement } from './authorizer.ts';

/** An invalid selector is ignored here; the handler rejects it. */
function requirementsOf(
  selector: string,
  parse: (text: string) => readonly SelectorRequirement[],
): readonly SelectorRequirement[] | undefined {
  if (selector === '') return undefined;
  try {
    const requirements = parse(selector);
    return requirements.length === 0 ? undefined : requirements;
  } catch {
    return undefined;
  }
}

const fieldRequirements = (text: string): SelectorRequirement[] =>
  parseFieldSelector(text).requirements.map(({ field, operator, value }) => ({
    key: field,
    operator,
    values: [value],
  }));

const labelRequirements = (text: string): SelectorRequirement[] =>
  (parseLabelSelector(text).requirements() ?? []).map(({ key, operator, values }) => ({
    key,
    operator,
    values,
  }));

/** The authorizer attributes of a request. */
export function authorizerAttributes(user: UserInfo, requestInfo: RequestInfo): AuthorizerAttributes {
  const { verb, isResourceRequest, path, namespace, apiGroup, apiVersion, resource, subresource, name } =
    requestInfo;
  return {
    user,
    verb,
    isResourceRequest,
    namespace,
    apiGroup,
    apiVersion,
    resource,
    subresource,
    name,
    path,
    // Lazy: few authorizers use them, and selectors may be long.
    get fieldSelector() {
      return requirementsOf(requestInfo.fieldSelector, fieldRequirements);
    },
    get labelSelector() {
      return requirementsOf(requestInfo.labelSelector, labelRequirements);
    },
  };
}
