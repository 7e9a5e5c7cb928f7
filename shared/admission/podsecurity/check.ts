/**
 * What the checks of the Pod Security Standards are made of
 * (https://github.com/kubernetes/pod-security-admission/blob/master/policy/checks.go).
 */

import type { PodSpec } from '../../apis/core/v1/types.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import { type AnyContainer, containersOf } from '../pod-containers.ts';

/** A pod, or what pods are made from. */
export interface PodLike {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
}

export interface Violation {
  readonly reason: string;
  /** '' if the reason says it all. */
  readonly detail: string;
}

export type CheckPod = (pod: PodLike) => Violation | undefined;

export interface VersionedCheck {
  /** Minor version of Kubernetes 1 from which on it holds, until the next one does. */
  readonly since: number;
  readonly check: CheckPod;
  /** Baseline checks that a restricted one makes needless. */
  readonly overrides?: readonly string[];
}

export interface PodSecurityCheck {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** In order. */
  readonly versions: readonly VersionedCheck[];
}

export function joinQuoted(items: Iterable<string>): string {
  return [...items].map((item) => `"${item}"`).join(', ');
}

/** Each once, sorted as Go sorts. */
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

/** Who sets something wrong: the pod, containers, or both. */
export function setters(pod: boolean, names: readonly string[]): string[] {
  return [...(pod ? ['pod'] : []), ...(names.length > 0 ? [containersNamed(names)] : [])];
}

/** Names of the containers, of all sorts, that are as described. */
export function containersThat({ spec }: PodLike, are: (container: AnyContainer) => boolean): string[] {
  return containersOf(spec)
    .filter(are)
    .map(({ name }) => name);
}

/** Pods for Windows can't have what is asked of others. */
export function exceptWindows(check: CheckPod): CheckPod {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : check(pod));
}

/** In a user namespace, root is nobody outside of it. */
export function exceptUserNamespaces(check: CheckPod): CheckPod {
  return (pod) => (pod.spec.hostUsers === false ? undefined : check(pod));
}
