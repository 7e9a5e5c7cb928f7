/** What quotas know of a resource (https://github.com/kubernetes/apiserver/blob/master/pkg/quota/v1/interfaces.go). */

import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../apis/core/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import type { AdmissionAttributes } from '../admission.ts';
import type { Amounts } from './amounts.ts';
import type { ListObjects } from './list-objects.ts';

export type QuotaScope = ScopedResourceSelectorRequirement;

export interface QuotaEvaluator {
  readonly resource: GroupResource;
  /** Whether such a request can change what is used. */
  handles(attributes: AdmissionAttributes): boolean;
  /** Whether the name, in a quota, is of something that objects of this resource use. */
  tracks(resourceName: string): boolean;
  /** Absent: quotas with scopes don't count these objects. */
  readonly matchesScope?: (scope: QuotaScope, object: KubeObject) => boolean;
  /** Absent: objects may leave out what they use. Otherwise tells what of `required` the object must say. */
  readonly constraints?: (required: readonly string[], object: KubeObject) => string | undefined;
  /**
   * Absent: objects say themselves what they use. Otherwise an evaluator of `objects`, all of one namespace, that has
   * looked up what they don't say, and may track less.
   */
  readonly informed?: (
    objects: () => Promise<readonly KubeObject[]>,
    namespace: string,
    list: ListObjects,
  ) => Promise<QuotaEvaluator>;
  /** `now`: milliseconds since the epoch. */
  usage(object: KubeObject, now: number): Amounts;
}

/** Each scope that is named without more once, however often it is. */
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

/** Whether the object is in all scopes of the quota. */
export function isInScopes(evaluator: QuotaEvaluator, object: KubeObject, quota: ResourceQuota): boolean {
  return isInAll(evaluator, object, scopesOf(quota));
}
