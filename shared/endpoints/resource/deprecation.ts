/** Warnings of versions on their way out (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/deprecation/deprecation.go). */

import type { BuiltinResource } from '../../apis/resource-table.ts';
import { formatGroupVersion, type GroupVersion } from '../../runtime/group-version.ts';

/** The release whose API this server serves. */
const CURRENT_MINOR = 36;

/** Whether a release, such as `1.21`, is this server's or an earlier one. */
export const isReached = (release: string): boolean => Number(release.split('.')[1]) <= CURRENT_MINOR;

/** `policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 ...` */
export function deprecationWarning(
  gv: GroupVersion,
  { kind, lifecycle }: BuiltinResource,
): string | undefined {
  const deprecated = lifecycle?.deprecated;
  if (deprecated === undefined || !isReached(deprecated)) return undefined;
  const removed = lifecycle?.removed === undefined ? '' : `, unavailable in v${lifecycle.removed}+`;
  const replacement = lifecycle?.replacement?.replace(/\/([^/]*)$/, ' $1');
  const use = replacement === undefined ? '' : `; use ${replacement}`;
  return `${formatGroupVersion(gv)} ${kind} is deprecated in v${deprecated}+${removed}${use}`;
}
