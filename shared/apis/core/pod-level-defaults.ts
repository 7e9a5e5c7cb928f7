/**
 * Defaults of pod-level resources, for pods that set any
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/util.go, DefaultPodLevelResources, and
 * pkg/apis/core/v1/defaults.go for the defaults before PodLevelResourcesFixDefaulting).
 */

import type { RequestContext } from '../../request/request-context.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { aggregateContainerResources } from './pod-resources.ts';
import { isHugePageResourceName, isOvercommitAllowed } from './resource-names.ts';
import type { Pod, PodSpec } from './v1/types.ts';
import { containersOf } from './visit-containers.ts';

type Gates = Pick<RequestContext, 'featureEnabled'>;
type Amounts = Readonly<Record<string, string>>;

const FIX = 'PodLevelResourcesFixDefaulting';

function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePageResourceName(name);
}

function texts(amounts: Iterable<[string, Quantity]>): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, quantity]) => [name, quantity.toString()]));
}

function isEmpty(list: object | undefined): boolean {
  return Object.keys(list ?? {}).length === 0;
}

const saysSome = ({ resources }: PodSpec): boolean =>
  Boolean(resources) && !(isEmpty(resources?.limits) && isEmpty(resources?.requests));

/** Huge pages can't be overcommitted, so the containers' limits become the pod's. */
function setHugePageLimits(spec: PodSpec): void {
  const resources = spec.resources!;
  const hugePages = [...aggregateContainerResources(spec, 'limits')].filter(
    ([name]) => isHugePageResourceName(name) && resources.requests?.[name] === undefined,
  );
  const limits = { ...texts(hugePages), ...resources.limits };
  if (!isEmpty(limits)) resources.limits = limits;
}

/** From the containers' requests, then from the pod's limits. */
function setRequests(spec: PodSpec): void {
  const resources = spec.resources!;
  const needed = [...aggregateContainerResources(spec, 'requests')].filter(
    ([name]) => isPodLevelResource(name) && isOvercommitAllowed(name),
  );
  const allowed = Object.entries(resources.limits ?? {}).filter(([name]) => isPodLevelResource(name));
  const requests = { ...Object.fromEntries(allowed), ...texts(needed), ...resources.requests };
  if (!isEmpty(requests)) resources.requests = requests;
}

/** Resources limited in all containers are limited to their sum, or to the pod's request if that is larger. */
function setLimits(spec: PodSpec): void {
  const resources = spec.resources!;
  const requests: Amounts = resources.requests ?? {};
  const limits: Amounts = resources.limits ?? {};
  const names = Object.keys(requests).filter(
    (name) =>
      isPodLevelResource(name) &&
      limits[name] === undefined &&
      containersOf(spec).every((container) => container.resources?.limits?.[name] !== undefined),
  );
  if (names.length === 0) return;
  const sums = aggregateContainerResources(spec, 'limits');
  const added = names.flatMap((name) => {
    const sum = sums.get(name);
    if (sum === undefined) return [];
    const request = Quantity.parse(requests[name]!);
    return [[name, (request.cmp(sum) > 0 ? request : sum).toString()] as const];
  });
  if (added.length > 0) resources.limits = { ...limits, ...Object.fromEntries(added) };
}

/** Called when an object is read: the behaviour before defaulting was moved after webhooks. */
export function setPodLevelDefaults({ featureEnabled }: Gates, { spec }: Pod): void {
  if (!featureEnabled('PodLevelResources') || featureEnabled(FIX) || !saysSome(spec)) return;
  setHugePageLimits(spec);
  if (!isEmpty(spec.resources?.limits)) setRequests(spec);
}

/** Called when an object is about to be stored, after webhooks have added containers. */
export function preparePodLevelResources({ featureEnabled }: Gates, { spec }: Pod): void {
  if (!featureEnabled('PodLevelResources') || !featureEnabled(FIX) || !saysSome(spec)) return;
  setHugePageLimits(spec);
  setRequests(spec);
  setLimits(spec);
}

/** Clients that don't know pod-level resources must not drop them. */
export function keepPodLevelResources({ featureEnabled }: Gates, { spec }: Pod, { spec: old }: Pod): void {
  if (featureEnabled(FIX) && !spec.resources && old.resources)
    spec.resources = structuredClone(old.resources);
}
