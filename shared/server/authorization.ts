/** Authorizers from options (https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/options/authorization.go). */

import {
  type AuthorizerConfiguration,
  type Authorizers,
  newAuthorizers,
} from '../authz/authorizer-config.ts';
import { rbacRuleResolver } from '../authz/rbac/listers.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { unsupported } from '../util/unsupported.ts';
import type { CompletedOptions } from './completed-options.ts';

/** The authorizers of `--authorization-mode`, in its order. */
export function buildAuthorizers(
  { authorizationMode }: CompletedOptions,
  resources: ResourceAccess,
): Authorizers {
  return newAuthorizers(authorizationMode.map((mode) => configurationOf(mode, resources)));
}

function configurationOf(mode: string, resources: ResourceAccess): AuthorizerConfiguration {
  switch (mode) {
    case 'AlwaysAllow':
    case 'AlwaysDeny':
      return { type: mode };
    case 'RBAC':
      return { type: 'RBAC', resolver: rbacRuleResolver(resources) };
    default:
      return unsupported(`--authorization-mode=${mode}`, 'the server has no such authorizer');
  }
}
