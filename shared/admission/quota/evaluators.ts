/** https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/install/registry.go */

import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';
import type { QuotaEvaluator } from './evaluator.ts';
import { objectCountEvaluator } from './object-count-evaluator.ts';
import { persistentVolumeClaimEvaluator } from './persistent-volume-claim-evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';
import { resourceClaimEvaluator } from './resource-claim-evaluator.ts';
import { serviceEvaluator } from './service-evaluator.ts';

/** Resources of 1.8 and earlier, which also count under their own names. */
const ALIASED = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'];

const EVALUATORS: ReadonlyMap<string, QuotaEvaluator> = new Map(
  [
    podEvaluator,
    serviceEvaluator,
    persistentVolumeClaimEvaluator,
    resourceClaimEvaluator,
    ...ALIASED.map((resource) => objectCountEvaluator({ group: '', resource }, resource)),
  ].map((evaluator) => [formatGroupResource(evaluator.resource), evaluator]),
);

/** Resources that are not stored, and events, which are not counted. */
const IGNORED = new Set([
  'bindings',
  'componentstatuses',
  'events',
  'events.events.k8s.io',
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
]);

/** Undefined for resources without quota; all others are at least counted. */
export function quotaEvaluatorFor(resource: GroupResource): QuotaEvaluator | undefined {
  const name = formatGroupResource(resource);
  if (IGNORED.has(name)) return undefined;
  return EVALUATORS.get(name) ?? objectCountEvaluator(resource);
}

/** An evaluator that a quota requires, with the names in the quota to which its resource contributes. */
export interface TrackedResource {
  readonly evaluator: QuotaEvaluator;
  readonly names: readonly string[];
}

/** `resourceNames` must be distinct. A generator, because there may be many. */
export function* quotaEvaluatorsOf(resourceNames: readonly string[]): Generator<TrackedResource> {
  for (const evaluator of EVALUATORS.values()) {
    const names = resourceNames.filter(evaluator.tracks);
    if (names.length > 0) yield { evaluator, names };
  }
  for (const name of resourceNames) {
    const [resource, ...group] = name.startsWith('count/') ? name.slice('count/'.length).split('.') : [];
    if (resource === undefined || EVALUATORS.has(name.slice('count/'.length))) continue;
    const evaluator = quotaEvaluatorFor({ group: group.join('.'), resource });
    if (evaluator !== undefined) yield { evaluator, names: [name] };
  }
}
