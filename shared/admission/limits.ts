/**
 * Constraints of a LimitRange; each function returns the violations
 * (https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/limitranger/admission.go).
 */

import { parseResourceList, type ResourceList } from '../apis/core/pod-resources.ts';
import { formatFixed } from '../runtime/go-format.ts';
import type { Quantity } from '../runtime/quantity.ts';

export type Amounts = ReadonlyMap<string, Quantity>;

interface Limited {
  /** `Container`, `Pod` or `PersistentVolumeClaim`. */
  readonly type: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

type Constraint = (limited: Limited, enforced: ResourceList | undefined) => Generator<string>;

const ordered = new WeakMap<ResourceList, readonly (readonly [string, Quantity])[]>();

/** The parsed amounts of a list, sorted by name and cached, because each is compared with many containers. */
function inOrder(list: ResourceList): readonly (readonly [string, Quantity])[] {
  let known = ordered.get(list);
  if (known === undefined) {
    known = [...parseResourceList(list)].sort(([a], [b]) => (a < b ? -1 : 1));
    ordered.set(list, known);
  }
  return known;
}

function constraint(
  check: (limited: Limited, name: string, enforced: Quantity) => string | undefined,
): Constraint {
  return function* (limited, list) {
    if (list === undefined) return;
    for (const [name, enforced] of inOrder(list)) {
      const violation = check(limited, name, enforced);
      if (violation !== undefined) yield violation;
    }
  };
}

export const minConstraint = constraint(({ type, requests, limits }, name, min) => {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const rule = `minimum ${name} usage per ${type} is ${min}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (request.cmp(min) < 0) return `${rule}, but request is ${request}`;
  if (limit !== undefined && limit.cmp(min) < 0) return `${rule}, but limit is ${limit}`;
  return undefined;
});

export const maxConstraint = constraint(({ type, requests, limits }, name, max) => {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const rule = `maximum ${name} usage per ${type} is ${max}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (limit.cmp(max) > 0) return `${rule}, but limit is ${limit}`;
  if (request !== undefined && request.cmp(max) > 0) return `${rule}, but request is ${request}`;
  return undefined;
});

/** For types that have requests only. */
export const maxRequestConstraint = constraint(({ type, requests }, name, max) => {
  const request = requests.get(name);
  const rule = `maximum ${name} usage per ${type} is ${max}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  return request.cmp(max) > 0 ? `${rule}, but request is ${request}` : undefined;
});

export const ratioConstraint = constraint(({ type, requests, limits }, name, max) => {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const rule = `${name} max limit to request ratio per ${type} is ${max}`;
  if (request === undefined || request.isZero) {
    return `${rule}, but no request is specified or request is 0`;
  }
  if (limit === undefined || limit.isZero) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = Number(limit.milliValue()) / Number(request.milliValue());
  return ratio > max.asNumber() ? `${rule}, but provided ratio is ${formatFixed(ratio, 6)}` : undefined;
});
