/**
 * Warnings for deprecated versions
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/deprecation/deprecation.go).
 */

import { KUBERNETES_RELEASE } from '../../apis/kubernetes-release.ts';
import { compareMinors } from '../../apis/minor.ts';
import type { BuiltinResource } from '../../apis/resource-table.ts';
import { formatGroupVersion, type GroupVersion } from '../../runtime/group-version.ts';

/** Whether `release`, such as `1.21`, is not later than the served one. */
export const isReached = (release: string, served: string = KUBERNETES_RELEASE.minor): boolean =>
  compareMinors(release, served) <= 0;

/** `policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 ...` */
export function deprecationWarning(
  gv: GroupVersion,
  { kind, lifecycle }: BuiltinResource,
  served?: string,
): string | undefined {
  const deprecated = lifecycle?.deprecated;
  if (deprecated === undefined || !isReached(deprecated, served)) return undefined;
  const removed = lifecycle?.removed === undefined ? '' : `, unavailable in v${lifecycle.removed}+`;
  const replacement = lifecycle?.replacement?.replace(/\/([^/]*)$/, ' $1');
  const use = replacement === undefined ? '' : `; use ${replacement}`;
  return `${formatGroupVersion(gv)} ${kind} is deprecated in v${deprecated}+${removed}${use}`;
}
