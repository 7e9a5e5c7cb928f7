/** https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/authorizer/config.go */

import { SYSTEM_PRIVILEGED_GROUP } from '../request/user-info.ts';
import { ABACAuthorizer } from './abac/abac-authorizer.ts';
import type { ABACPolicy } from './abac/policy.ts';
import { AlwaysAllowAuthorizer } from './always-allow-authorizer.ts';
import { AlwaysDenyAuthorizer } from './always-deny-authorizer.ts';
import type { Authorizer, RuleResolver } from './authorizer.ts';
import { type CountDecision, CountedAuthorizer } from './counted-authorizer.ts';
import { NodeAuthorizer } from './node/node-authorizer.ts';
import { NodeIndex, type NodeListers } from './node/node-index.ts';
import { PrivilegedGroupsAuthorizer } from './privileged-groups-authorizer.ts';
import type { GateQuery } from './rbac/bootstrap/policy.ts';
import { RBACAuthorizer } from './rbac/rbac-authorizer.ts';
import type { RBACRuleResolver } from './rbac/rule-resolver.ts';
import { UnionAuthorizer, UnionRuleResolver } from './union-authorizer.ts';
import { WebhookAuthorizer, type WebhookAuthorizerOptions } from './webhook/webhook-authorizer.ts';

/** An authorizer of the chain. `name` distinguishes authorizers of the same type. */
export type AuthorizerConfiguration = { readonly name: string } & (
  | { readonly type: 'AlwaysAllow' | 'AlwaysDeny' }
  | { readonly type: 'ABAC'; readonly policies: readonly ABACPolicy[] }
  | { readonly type: 'Node'; readonly listers: NodeListers; readonly enabled: GateQuery }
  | { readonly type: 'RBAC'; readonly resolver: RBACRuleResolver }
  | { readonly type: 'Webhook'; readonly options: WebhookAuthorizerOptions }
);

export interface Authorizers {
  readonly authorizer: Authorizer;
  readonly ruleResolver: RuleResolver;
}

function build(configuration: AuthorizerConfiguration): Authorizer & RuleResolver {
  switch (configuration.type) {
    case 'AlwaysAllow':
      return new AlwaysAllowAuthorizer();
    case 'AlwaysDeny':
      return new AlwaysDenyAuthorizer();
    case 'ABAC':
      return new ABACAuthorizer(configuration.policies);
    case 'Node':
      return new NodeAuthorizer(new NodeIndex(configuration.listers), configuration.enabled);
    case 'RBAC':
      return new RBACAuthorizer(configuration.resolver);
    case 'Webhook':
      return new WebhookAuthorizer(configuration.options);
  }
}

/** Builds the chain in order, after an authorizer that allows `system:masters` everything. */
export function newAuthorizers(
  configurations: readonly AuthorizerConfiguration[],
  count: CountDecision,
): Authorizers {
  const chain = configurations.map(build);
  const counted = chain.map((authorizer, index) => {
    const { type, name } = configurations[index]!;
    return { name, authorizer: new CountedAuthorizer(authorizer, { type, name }, count) };
  });
  const masters = new PrivilegedGroupsAuthorizer(SYSTEM_PRIVILEGED_GROUP);
  return {
    authorizer: new UnionAuthorizer([{ name: SYSTEM_PRIVILEGED_GROUP, authorizer: masters }, ...counted]),
    ruleResolver: new UnionRuleResolver(chain),
  };
}
