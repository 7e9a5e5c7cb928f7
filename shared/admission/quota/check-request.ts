/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/resourcequota/controller.go */

import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type { ResourceQuota } from '../../apis/core/v1/types.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { forbidden } from '../errors.ts';
import { type Amounts, addAmounts, excessOver, pick, prettyPrint } from './amounts.ts';
import { isInScopes, matchingScopes, type QuotaEvaluator, type QuotaScope, scopesOf } from './evaluator.ts';

/** A resource whose use requires a quota. */
export interface LimitedResource {
  readonly apiGroup?: string;
  readonly resource: string;
  readonly matchContains?: readonly string[];
  readonly matchScopes?: readonly QuotaScope[];
}

/** A quota with the usage so far of a batch of requests. */
export interface QuotaState {
  readonly quota: ResourceQuota;
  readonly used: Amounts;
}

/**
 * Returns the states of the quotas after the request, unchanged if it uses nothing. Throws Forbidden if it would exceed
 * a quota. `now` is in milliseconds since the epoch.
 */
export function checkRequest(
  states: readonly QuotaState[],
  attributes: AdmissionAttributes,
  evaluator: QuotaEvaluator,
  { limitedResources, now }: { readonly limitedResources: readonly LimitedResource[]; readonly now: number },
): readonly QuotaState[] {
  const object = attributes.object!;
  const old = attributes.operation === 'UPDATE' ? attributes.oldObject : undefined;
  const pertinent = pertinentQuotas(states, attributes, evaluator);
  const usage = evaluator.usage(object, now);
  const negative = [...pick(usage, (_, amount) => amount.sign < 0).keys()].sort();
  if (negative.length > 0) {
    throw forbidden(attributes, `quota usage is negative for resource(s): ${negative.join(',')}`);
  }
  // Quotas that counted the old object have already been charged for its usage.
  const growth = old?.metadata.resourceVersion ? excessOver(usage, evaluator.usage(old, now)) : usage;
  const deltas = new Map(
    pertinent.map(({ quota }) => {
      const counted = old !== undefined && growth !== usage && isInScopes(evaluator, old, quota);
      return [quota, pick(counted ? growth : usage, (_, amount) => !amount.isZero)];
    }),
  );
  const usesSomething =
    pertinent.length === 0
      ? [...growth.values()].some((amount) => !amount.isZero)
      : [...deltas.values()].some(({ size }) => size > 0);
  if (!usesSomething) return states;
  requireCover(pertinent, states, { attributes, evaluator, limitedResources, usage });
  return states.map((state) => {
    const delta = deltas.get(state.quota);
    if (delta === undefined || delta.size === 0) return state;
    return { ...state, used: charge(state, delta, attributes) };
  });
}

/** The quotas that apply to the object. */
function pertinentQuotas(
  states: readonly QuotaState[],
  attributes: AdmissionAttributes,
  evaluator: QuotaEvaluator,
): readonly QuotaState[] {
  return states.filter(({ quota, used }) => {
    const name = quota.metadata.name ?? '';
    const tracked = Object.keys(quota.status?.hard ?? {}).filter(evaluator.tracks);
    if (tracked.length === 0 || !isInScopes(evaluator, attributes.object!, quota)) return false;
    const missing = evaluator.constraints?.(tracked, attributes.object!);
    if (missing !== undefined) throw forbidden(attributes, `failed quota: ${name}: ${missing}`);
    if (tracked.some((resource) => !used.has(resource))) {
      throw forbidden(
        attributes,
        `status unknown for quota: ${name}, resources: ${tracked.sort().join(',')}`,
      );
    }
    return true;
  });
}

function requireCover(
  pertinent: readonly QuotaState[],
  states: readonly QuotaState[],
  request: {
    readonly attributes: AdmissionAttributes;
    readonly evaluator: QuotaEvaluator;
    readonly limitedResources: readonly LimitedResource[];
    readonly usage: Amounts;
  },
): void {
  const { attributes, evaluator, limitedResources, usage } = request;
  const covered = new Set(pertinent.flatMap(({ quota }) => Object.keys(quota.status?.hard ?? {})));
  const parts = limitedResources
    .filter(
      ({ apiGroup = '', resource }) =>
        apiGroup === attributes.resource.group && resource === attributes.resource.resource,
    )
    .flatMap(({ matchContains }) => matchContains ?? []);
  const uncovered = [...usage].filter(
    ([name, amount]) => amount.sign > 0 && parts.some((part) => name.includes(part)) && !covered.has(name),
  );
  if (uncovered.length > 0) {
    const names = uncovered.map(([name]) => name).sort();
    throw forbidden(attributes, `insufficient quota to consume: ${names.join(',')}`);
  }
  const object = attributes.object!;
  const limited = matchingScopes(
    evaluator,
    object,
    limitedResources.flatMap(({ matchScopes }) => matchScopes ?? []),
  );
  const open = new Set(
    states.flatMap(({ quota }) => matchingScopes(evaluator, object, scopesOf(quota))).map(scopeNameOf),
  );
  const closed = limited.filter((scope) => !open.has(scopeNameOf(scope)));
  if (closed.length > 0) {
    const scopes = closed.map(
      ({ scopeName, operator, values }) => `{${scopeName} ${operator} [${(values ?? []).join(' ')}]}`,
    );
    throw forbidden(attributes, `insufficient quota to match these scopes: [${scopes.join(' ')}]`);
  }
}

const scopeNameOf = ({ scopeName }: QuotaScope): string => scopeName;

function charge({ quota, used }: QuotaState, delta: Amounts, attributes: AdmissionAttributes): Amounts {
  const hard = parseResourceList(quota.status?.hard);
  const requested = pick(delta, (name) => hard.has(name));
  const sum = addAmounts(used, requested);
  const exceeded = pick(requested, (name) => sum.get(name)!.cmp(hard.get(name)!) > 0);
  // A status reports usage that has already happened.
  if (exceeded.size > 0 && attributes.subresource !== 'status') {
    const of = (amounts: Amounts): string => prettyPrint(pick(amounts, (name) => exceeded.has(name)));
    throw forbidden(
      attributes,
      `exceeded quota: ${quota.metadata.name}, requested: ${of(requested)}, used: ${of(used)}, limited: ${of(hard)}`,
    );
  }
  return sum;
}
