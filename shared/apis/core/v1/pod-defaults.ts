/** Defaults that pods have and templates don't, so that templates stay as they were written. */

import type { Quantity } from '../../../runtime/quantity.ts';
import { aggregateContainerResources } from '../pod-resources.ts';
import { isHugePageResourceName, isOvercommitAllowed } from '../resource-names.ts';
import type { Container, Pod, PodSpec } from './types.ts';

function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePageResourceName(name);
}

/** What is limited and not asked for is asked for up to the limit. */
function setRequestDefaults({ resources }: Container): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

/** On the node's network a container's ports are the node's. */
function setHostPortDefaults({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort;
}

function texts(amounts: Iterable<[string, Quantity]>): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, quantity]) => [name, quantity.toString()]));
}

function isEmpty(list: object | undefined): boolean {
  return Object.keys(list ?? {}).length === 0;
}

/** Resources of a pod as a whole, where it has any: what its containers need, and then what it may have. */
function setPodLevelDefaults(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources || (isEmpty(resources.limits) && isEmpty(resources.requests))) return;
  const hugePages = [...aggregateContainerResources(spec, 'limits')].filter(
    ([name]) => isHugePageResourceName(name) && resources.requests?.[name] === undefined,
  );
  const limits = { ...texts(hugePages), ...resources.limits };
  if (isEmpty(limits)) return;
  resources.limits = limits;
  const needed = [...aggregateContainerResources(spec, 'requests')].filter(
    ([name]) => isPodLevelResource(name) && isOvercommitAllowed(name),
  );
  const allowed = Object.entries(limits).filter(([name]) => isPodLevelResource(name));
  const requests = { ...Object.fromEntries(allowed), ...texts(needed), ...resources.requests };
  if (!isEmpty(requests)) resources.requests = requests;
}

export function setPodDefaults({ spec }: Pod): void {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  containers.forEach(setRequestDefaults);
  setPodLevelDefaults(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) containers.forEach(setHostPortDefaults);
  const seconds = spec.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds < 0) spec.terminationGracePeriodSeconds = 1;
}
