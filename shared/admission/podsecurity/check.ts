/**
 * Building blocks of the Pod Security Standards' checks
 * (https://github.com/kubernetes/pod-security-admission/blob/master/policy/checks.go).
 */

import type { PodSpec } from '../../apis/core/v1/types.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import { type AnyContainer, containersOf } from '../pod-containers.ts';

/** A pod or a pod template. */
export interface PodLike {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
}

export interface Violation {
  readonly reason: string;
  /** '' if the reason is sufficient. */
  readonly detail: string;
}

export type CheckPod = (pod: PodLike) => Violation | undefined;

export interface VersionedCheck {
  /** The minor version of Kubernetes 1 from which the check applies, up to the next one. */
  readonly since: number;
  readonly check: CheckPod;
  /** Baseline checks that a restricted check makes redundant. */
  readonly overrides?: readonly string[];
}

export interface PodSecurityCheck {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** In ascending order. */
  readonly versions: readonly VersionedCheck[];
}

export function joinQuoted(items: Iterable<string>): string {
  return [...items].map((item) => `"${item}"`).join(', ');
}

/** Deduplicated and sorted by code unit. */
export function sortedSet(items: Iterable<string>): string[] {
  return [...new Set(items)].sort();
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

/** `container "a"`, `containers "a", "b"` */
export function containersNamed(names: readonly string[]): string {
  return `${plural(names.length, 'container')} ${joinQuoted(names)}`;
}

/** The subjects of a violation: the pod, containers, or both. */
export function setters(pod: boolean, names: readonly string[]): string[] {
  return [...(pod ? ['pod'] : []), ...(names.length > 0 ? [containersNamed(names)] : [])];
}

/** Names of the containers, of all kinds, that satisfy the predicate. */
export function containersThat({ spec }: PodLike, are: (container: AnyContainer) => boolean): string[] {
  return containersOf(spec)
    .filter(are)
    .map(({ name }) => name);
}

/** Exempts Windows pods, to which the check doesn't apply. */
export function exceptWindows(check: CheckPod): CheckPod {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : check(pod));
}

/** Exempts pods in user namespaces, where root has no privileges on the host. */
export function exceptUserNamespaces(check: CheckPod): CheckPod {
  return (pod) => (pod.spec.hostUsers === false ? undefined : check(pod));
}
