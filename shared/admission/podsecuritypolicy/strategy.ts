/**
 * What a PodSecurityPolicy is made of: strategies, each of which gives pods what they leave open and judges them
 * (https://github.com/kubernetes/kubernetes/tree/release-1.20/pkg/security/podsecuritypolicy).
 */

import type { PodSpec } from '../../apis/core/v1/types.ts';
import type { PodSecurityPolicy } from '../../apis/policy/v1beta1/types.ts';
import type { FieldError } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import type { AnyContainer } from '../pod-containers.ts';

/** A pod that may be changed. */
export interface MutablePod {
  metadata: ObjectMeta;
  spec: PodSpec;
}

export interface Strategy {
  /** Fills in what the pod leaves open, before its containers are looked at. */
  defaultPod?(pod: MutablePod): void;
  defaultContainer?(pod: MutablePod, container: AnyContainer): void;
  validatePod?(pod: MutablePod): FieldError[];
  /** `path`: of the container. */
  validateContainer?(pod: MutablePod, container: AnyContainer, path: FieldPath): FieldError[];
}

/** Throws Error for a policy that can't be used. */
export type StrategyFactory = (policy: PodSecurityPolicy) => Strategy;
