/** Total resources of a pod (https://github.com/kubernetes/component-helpers/blob/master/resource/helpers.go). */

import { Quantity } from '../../runtime/quantity.ts';
import { aggregateContainerResources, parseResourceList, type ResourceList } from './pod-resources.ts';
import { isHugePageResourceName } from './resource-names.ts';
import type { Container, ContainerStatus, Pod, PodSpec } from './v1/types.ts';

export type Amounts = ReadonlyMap<string, Quantity>;

/** Resources that can be set at pod level. */
function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePageResourceName(name);
}

/** The resources in the spec, without overhead. */
export function specResources(spec: PodSpec, which: 'requests' | 'limits'): Map<string, Quantity> {
  const total = aggregateContainerResources(spec, which);
  for (const [name, amount] of parseResourceList(spec.resources?.[which])) {
    if (isPodLevelResource(name)) total.set(name, amount);
  }
  return total;
}

/** Includes overhead. During a resize, the maximum of the requested, allocated and current amounts. */
export function podRequests(pod: Pod): Amounts {
  const total = specResources(withStatus(pod, 'requests'), 'requests');
  for (const [name, amount] of parseResourceList(pod.spec.overhead)) {
    total.set(name, total.get(name)?.add(amount) ?? amount);
  }
  return total;
}

/** Like `podRequests`; overhead is only added to resources with a limit. */
export function podLimits(pod: Pod): Amounts {
  const total = specResources(withStatus(pod, 'limits'), 'limits');
  for (const [name, amount] of parseResourceList(pod.spec.overhead)) {
    const limit = total.get(name);
    if (limit !== undefined && !limit.isZero) total.set(name, limit.add(amount));
  }
  return total;
}

function withStatus({ spec, status }: Pod, which: 'requests' | 'limits'): PodSpec {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const byName = new Map(statuses.map((entry) => [entry.name, entry]));
  if (statuses.every(({ resources }) => resources === undefined)) return spec;
  const infeasible = (status?.conditions ?? []).some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  );
  const actual = (container: Container): Container => {
    const known = byName.get(container.name);
    if (known?.resources === undefined) return container;
    const own = infeasible ? {} : (container.resources?.[which] ?? {});
    return { ...container, resources: { [which]: largest([own, ...inForce(known, which)]) } };
  };
  return {
    ...spec,
    containers: (spec.containers ?? []).map(actual),
    initContainers: (spec.initContainers ?? []).map(actual),
  };
}

function inForce(
  { resources, allocatedResources }: ContainerStatus,
  which: 'requests' | 'limits',
): ResourceList[] {
  const current = resources?.[which] ?? {};
  return which === 'requests' ? [current, allocatedResources ?? {}] : [current];
}

function largest(lists: readonly ResourceList[]): Record<string, string> {
  const most = new Map<string, string>();
  for (const [name, text] of lists.flatMap((list) => Object.entries(list))) {
    const known = most.get(name);
    if (known === undefined || Quantity.parse(text).cmp(Quantity.parse(known)) > 0) most.set(name, text);
  }
  return Object.fromEntries(most);
}
