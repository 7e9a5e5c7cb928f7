import { isPodTerminal } from '../../apis/core/pod-conditions.ts';
import { podQOS } from '../../apis/core/pod-qos.ts';
import { podLimits, podRequests } from '../../apis/core/pod-requests.ts';
import { parseResourceList } from '../../apis/core/pod-resources.ts';
import { isExtendedResourceName, isHugePageResourceName } from '../../apis/core/resource-names.ts';
import type { Pod, PodAffinityTerm } from '../../apis/core/v1/types.ts';
import type { Quantity } from '../../runtime/quantity.ts';
import { PODS } from '../attributes.ts';
import { type Amounts, addAmounts, ONE } from './amounts.ts';
import type { QuotaEvaluator, QuotaScope } from './evaluator.ts';
import { DEVICE_CLASS_PREFIX, isExtendedResourceQuotaName } from './extended-resources.ts';
import { objectCountName } from './object-count-evaluator.ts';
import { scopeSelects } from './scope-selector.ts';

/** Pod-level resources count in any stored pod, regardless of the feature gate. */
const ALL_ON = { featureEnabled: () => true };
const COUNT = objectCountName(PODS);
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const TRACKED = new Set([
  COUNT,
  'pods',
  ...COMPUTE.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
/** Resources that every container must specify if a quota limits them. Must never be extended. */
const REQUIRED = new Set(['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]));

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/evaluator/core/pods.go */
export const podEvaluator: QuotaEvaluator = {
  resource: PODS,
  handles({ operation, subresource, object, oldObject }) {
    if (subresource === 'resize') return operation === 'UPDATE';
    if (subresource !== '') return false;
    // A change of scope moves the pod to other quotas.
    if (operation === 'UPDATE') return isTerminating(oldObject as Pod) !== isTerminating(object as Pod);
    return operation === 'CREATE';
  },
  tracks: (name) =>
    TRACKED.has(name) ||
    isHugePageResourceName(name.replace(/^requests\./, '')) ||
    isExtendedResourceQuotaName(name),
  matchesScope: (scope, object) => matchesScope(scope, object as Pod),
  constraints(required, object) {
    const { spec } = object as Pod;
    // Pod-level resources are sufficient.
    if (Object.keys({ ...spec.resources?.requests, ...spec.resources?.limits }).length > 0) return undefined;
    const missing = new Map<string, Set<string>>();
    for (const { name, resources } of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
      const said = computeUsage(parseResourceList(resources?.requests), parseResourceList(resources?.limits));
      for (const resource of required) {
        if (!REQUIRED.has(resource) || said.has(resource)) continue;
        missing.set(resource, (missing.get(resource) ?? new Set()).add(name));
      }
    }
    if (missing.size === 0) return undefined;
    const parts = [...missing.keys()]
      .sort()
      .map((resource) => `${resource} for: ${[...missing.get(resource)!].sort().join(',')}`);
    return `must specify ${parts.join('; ')}`;
  },
  usage(object, now) {
    const pod = object as Pod;
    const count: Amounts = new Map([[COUNT, ONE]]);
    if (isOver(pod, now)) return count;
    return addAmounts(count, computeUsage(podRequests(pod), podLimits(pod)));
  },
};

/** Whether a pod has ended or should have: an unreachable node never reports it. */
function isOver(pod: Pod, now: number): boolean {
  if (isPodTerminal(pod)) return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return now > Date.parse(String(deletionTimestamp)) + Number(deletionGracePeriodSeconds) * 1000;
}

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage = new Map<string, Quantity>([['pods', ONE]]);
  for (const [name, amount] of requests) {
    if (COMPUTE.includes(name) || isHugePageResourceName(name)) {
      usage.set(name, amount);
      usage.set(`requests.${name}`, amount);
    } else if (isExtendedResourceName(name) || name.startsWith(DEVICE_CLASS_PREFIX)) {
      usage.set(`requests.${name}`, amount);
    }
  }
  for (const [name, amount] of limits) {
    if (COMPUTE.includes(name)) usage.set(`limits.${name}`, amount);
  }
  return usage;
}

/** Whether the pod ends by itself. */
function isTerminating({ spec }: Pod): boolean {
  return (spec.activeDeadlineSeconds ?? -1) >= 0;
}

const SCOPES: Readonly<Record<string, (pod: Pod, scope: QuotaScope) => boolean>> = {
  Terminating: isTerminating,
  NotTerminating: (pod) => !isTerminating(pod),
  BestEffort: (pod) => podQOS(pod, ALL_ON) === 'BestEffort',
  NotBestEffort: (pod) => podQOS(pod, ALL_ON) !== 'BestEffort',
  PriorityClass: ({ spec }, scope) =>
    scopeSelects(scope, spec.priorityClassName ? [spec.priorityClassName] : []),
  CrossNamespacePodAffinity: (pod) =>
    affinityTerms(pod).some(
      ({ namespaces, namespaceSelector }) => (namespaces ?? []).length > 0 || namespaceSelector !== undefined,
    ),
};

function matchesScope(scope: QuotaScope, pod: Pod): boolean {
  return Object.hasOwn(SCOPES, scope.scopeName) && SCOPES[scope.scopeName]!(pod, scope);
}

function affinityTerms({ spec: { affinity } }: Pod): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((one) => [
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm }) => podAffinityTerm,
    ),
  ]);
}
