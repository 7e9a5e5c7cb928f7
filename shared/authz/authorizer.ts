/**
 * The authorization contract
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/authorization/authorizer/interfaces.go).
 */

import type { UserInfo } from '../request/user-info.ts';

export interface SelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Upstream's `authorizer.Attributes`. For non-resource requests `path` is set and the resource fields are ''. */
export interface AuthorizerAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResourceRequest: boolean;
  readonly namespace: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly path: string;
  readonly fieldSelector?: readonly SelectorRequirement[] | undefined;
  readonly labelSelector?: readonly SelectorRequirement[] | undefined;
}

export type Decision = 'Allow' | 'Deny' | 'NoOpinion';

export interface AuthorizationResult {
  readonly decision: Decision;
  readonly reason: string;
  /** An evaluation error. It accompanies the decision and is never the cause of an Allow. */
  readonly error?: Error | undefined;
}

export interface Authorizer {
  /**
   * Rejects with a StatusError (429, 5xx) if objects that might allow the request can't be read at present. Callers
   * pass the error on: an undecided request must not be answered as forbidden.
   *
   * `prefetch` is called, perhaps more than once, when everything the decision still depends on is being read and the
   * request is likely to be allowed: the caller may then start reads of its own.
   */
  authorize(attributes: AuthorizerAttributes, prefetch?: () => void): Promise<AuthorizationResult>;
}

export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

export interface NonResourceRule {
  readonly verbs: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export interface RuleResolver {
  rulesFor(
    user: UserInfo,
    namespace: string,
  ): Promise<{
    readonly resourceRules: readonly ResourceRule[];
    readonly nonResourceRules: readonly NonResourceRule[];
    /** Whether the list may lack rules that the resolver can't enumerate. */
    readonly incomplete: boolean;
    readonly error?: Error | undefined;
  }>;
}
