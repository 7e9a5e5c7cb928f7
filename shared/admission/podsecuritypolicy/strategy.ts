/**
 * A PodSecurityPolicy consists of strategies that set defaults and validate pods
 * (https://github.com/kubernetes/kubernetes/tree/release-1.20/pkg/security/podsecuritypolicy).
 */

import type { PodSpec } from '../../apis/core/v1/types.ts';
import type { PodSecurityPolicy } from '../../apis/policy/v1beta1/types.ts';
import type { FieldError } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import type { AnyContainer } from '../pod-containers.ts';

/** A mutable pod. */
export interface MutablePod {
  metadata: ObjectMeta;
  spec: PodSpec;
}

export interface Strategy {
  /** Sets defaults of the pod, before those of its containers. */
  defaultPod?(pod: MutablePod): void;
  defaultContainer?(pod: MutablePod, container: AnyContainer): void;
  validatePod?(pod: MutablePod): FieldError[];
  /** `path` is the path of the container. */
  validateContainer?(pod: MutablePod, container: AnyContainer, path: FieldPath): FieldError[];
}

/** Throws Error for an invalid policy. */
export type StrategyFactory = (policy: PodSecurityPolicy) => Strategy;
