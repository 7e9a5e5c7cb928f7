/**
 * Computes the quota usage of a resource
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/quota/v1/interfaces.go).
 */

import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../apis/core/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import type { AdmissionAttributes } from '../admission.ts';
import type { Amounts } from './amounts.ts';
import type { CountObjects, ListObjects } from './list-objects.ts';

export type QuotaScope = ScopedResourceSelectorRequirement;

/** The objects and feature gates on which quota usage depends. */
export interface QuotaCluster {
  readonly list: ListObjects;
  /** Absent: `list` is used. */
  readonly count?: CountObjects | undefined;
  /** Feature gates, by upstream's names. */
  readonly featureEnabled: (gate: string) => boolean;
}

export interface QuotaEvaluator {
  readonly resource: GroupResource;
  /** Whether the usage is the same for every object. */
  readonly isCount?: boolean;
  /** Whether the request can change usage. */
  handles(attributes: AdmissionAttributes): boolean;
  /** Whether objects of the resource contribute to this name in a quota. */
  tracks(resourceName: string): boolean;
  /** If absent, quotas with scopes don't apply to these objects. */
  readonly matchesScope?: (scope: QuotaScope, object: KubeObject) => boolean;
  /**
   * Returns an error if the object doesn't specify one of the `required` resources. If absent, specifying them is
   * optional.
   */
  readonly constraints?: (required: readonly string[], object: KubeObject) => string | undefined;
  /**
   * Returns an evaluator for `objects`, all in one namespace, that has looked up the data they lack; it may track fewer
   * names. If absent, the objects themselves have all data.
   */
  readonly informed?: (
    objects: () => Promise<readonly KubeObject[]>,
    namespace: string,
    cluster: QuotaCluster,
  ) => Promise<QuotaEvaluator>;
  /** `now` is in milliseconds since the epoch. */
  usage(object: KubeObject, now: number): Amounts;
}

/** Deduplicates scopes given by name only. */
export function scopesOf({ spec }: ResourceQuota): readonly QuotaScope[] {
  return [
    ...[...new Set(spec.scopes)].map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec.scopeSelector?.matchExpressions ?? []),
  ];
}

export function matchingScopes(
  { matchesScope }: QuotaEvaluator,
  object: KubeObject,
  scopes: readonly QuotaScope[],
): readonly QuotaScope[] {
  return matchesScope === undefined ? [] : scopes.filter((scope) => matchesScope(scope, object));
}

export function isInAll(
  { matchesScope }: QuotaEvaluator,
  object: KubeObject,
  scopes: readonly QuotaScope[],
): boolean {
  return scopes.every((scope) => matchesScope?.(scope, object) ?? false);
}

/** Whether the object matches all scopes of the quota. */
export function isInScopes(evaluator: QuotaEvaluator, object: KubeObject, quota: ResourceQuota): boolean {
  return isInAll(evaluator, object, scopesOf(quota));
}
