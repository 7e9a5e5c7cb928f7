/**
 * CPU and memory of nodes that claims allocate, and whether pod-level resources are sufficient for them in addition to
 * those of containers (https://github.com/kubernetes/component-helpers/blob/master/resource/helpers.go, and
 * `validatePodLevelResourcesCoverDRA` of
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go).
 */

import { Quantity } from '../../../runtime/quantity.ts';
import { aggregateContainerResources, parseResourceList } from '../pod-resources.ts';
import { isHugePageResourceName } from '../resource-names.ts';
import type { NodeAllocatableResourceClaimStatus, Pod } from '../v1/types.ts';

type Amounts = Map<string, Quantity>;

function add(amounts: Amounts, name: string, quantity: Quantity): void {
  const sum = amounts.get(name);
  amounts.set(name, sum === undefined ? quantity : sum.add(quantity));
}

/** `containers` is the number of containers that use the claim. */
function addClaim(amounts: Amounts, claim: NodeAllocatableResourceClaimStatus, containers: number): void {
  for (const { name, quantity } of claim.mapping ?? []) {
    if (quantity != null) add(amounts, name, Quantity.parse(quantity));
  }
  for (const { name, perPod, perContainer } of claim.overhead ?? []) {
    add(
      amounts,
      name,
      Quantity.parse(perPod ?? '0').add(Quantity.parse(perContainer ?? '0').mul(containers)),
    );
  }
}

function amountsOfClaims(claims: readonly NodeAllocatableResourceClaimStatus[]): Amounts {
  const amounts: Amounts = new Map();
  for (const claim of claims) addClaim(amounts, claim, claim.containers?.length ?? 0);
  return amounts;
}

const sorted = (amounts: Amounts): [string, Quantity][] => [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
const isOfPods = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || isHugePageResourceName(name);

function uncoveredRequest(pod: Pod, claimed: Amounts): string | undefined {
  const sums = aggregateContainerResources(pod.spec, 'requests');
  for (const [name, quantity] of claimed) add(sums, name, quantity);
  const short = sorted(parseResourceList(pod.spec.resources?.requests)).find(([name, own]) => {
    const sum = sums.get(name);
    return isOfPods(name) && sum !== undefined && sum.cmp(own) > 0;
  });
  return (
    short &&
    `pod level request for ${short[0]} is insufficient to cover the aggregated container and node-allocatable DRA requests`
  );
}

function uncoveredHugePages(pod: Pod, claimed: Amounts, limits: Amounts): string | undefined {
  const sums = aggregateContainerResources(pod.spec, 'limits');
  for (const [name, quantity] of claimed) if (isHugePageResourceName(name)) add(sums, name, quantity);
  const short = sorted(sums).find(([name, sum]) => {
    const own = limits.get(name);
    return isHugePageResourceName(name) && own !== undefined && sum.cmp(own) > 0;
  });
  return (
    short &&
    `pod level limit for ${short[0]} is insufficient to cover the aggregated container and node-allocatable DRA limits`
  );
}

function uncoveredContainer(
  pod: Pod,
  claims: readonly NodeAllocatableResourceClaimStatus[],
  limits: Amounts,
): string | undefined {
  for (const { name: container, resources } of pod.spec.containers ?? []) {
    const claimed: Amounts = new Map();
    for (const claim of claims) if (claim.containers?.includes(container)) addClaim(claimed, claim, 1);
    for (const [name, limit] of sorted(parseResourceList(resources?.limits))) {
      const own = limits.get(name);
      if (isHugePageResourceName(name) || own === undefined) continue;
      const needed = claimed.has(name) ? limit.add(claimed.get(name)!) : limit;
      if (needed.cmp(own) > 0) {
        return `pod level limit for ${name} is insufficient to cover the limit and DRA overhead for container ${container}`;
      }
    }
  }
  return undefined;
}

/** The reason why pod-level resources aren't sufficient for the pod's claims; undefined if they are. */
export function uncoveredClaims(pod: Pod): string | undefined {
  const claims = pod.status?.nodeAllocatableResourceClaimStatuses ?? [];
  const { requests, limits } = pod.spec.resources ?? {};
  if (claims.length === 0) return undefined;
  const claimed = amountsOfClaims(claims);
  const ofRequests = requests && uncoveredRequest(pod, claimed);
  if (ofRequests !== undefined || !limits) return ofRequests;
  const own = parseResourceList(limits);
  return uncoveredHugePages(pod, claimed, own) ?? uncoveredContainer(pod, claims, own);
}
