/**
 * Annotations with which older versions of HorizontalPodAutoscaler represent fields they lack
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/autoscaling/annotations.go).
 */

import type { ObjectMeta } from '../../meta/v1/types.ts';
import { marshalJSON } from '../../runtime/go-format.ts';
import { isJSONObject } from '../../util/json.ts';
import type { HorizontalPodAutoscalerBehavior, HPAScalingPolicy, HPAScalingRules } from './v2/types.ts';

export const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
export const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
export const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

const ROUND_TRIP: readonly string[] = [
  METRICS,
  CURRENT_METRICS,
  CONDITIONS,
  BEHAVIOR,
  'autoscaling.alpha.kubernetes.io/scale-down-tolerance',
  'autoscaling.alpha.kubernetes.io/scale-up-tolerance',
];

/** The parsed JSON of an annotation; undefined if it is missing or invalid. */
function readAnnotation(metadata: ObjectMeta, name: string): unknown {
  const text = metadata.annotations?.[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Like `readAnnotation`, for a list of objects. */
export function readListAnnotation<T extends object>(metadata: ObjectMeta, name: string): T[] | undefined {
  const value = readAnnotation(metadata, name);
  return Array.isArray(value) && value.every(isJSONObject) ? (value as T[]) : undefined;
}

export function writeAnnotation(metadata: ObjectMeta, name: string, value: unknown): void {
  metadata.annotations = { ...metadata.annotations, [name]: marshalJSON(value) };
}

/** The hub has fields for all of these annotations. */
export function dropRoundTripAnnotations(metadata: ObjectMeta): void {
  if (!ROUND_TRIP.some((name) => metadata.annotations?.[name] !== undefined)) return;
  const kept = Object.entries(metadata.annotations ?? {}).filter(([name]) => !ROUND_TRIP.includes(name));
  if (kept.length > 0) metadata.annotations = Object.fromEntries(kept);
  else delete metadata.annotations;
}

// Upstream encodes its internal struct, which has no JSON tags: keys are Go's names, and no field is omitted.
const writtenRules = (rules: HPAScalingRules | undefined): unknown =>
  rules === undefined
    ? null
    : {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies:
          rules.policies?.map(({ type, value, periodSeconds }) => ({
            Type: type,
            Value: value,
            PeriodSeconds: periodSeconds,
          })) ?? null,
        Tolerance: rules.tolerance ?? null,
      };

export function writeBehavior(metadata: ObjectMeta, behavior: HorizontalPodAutoscalerBehavior): void {
  const { scaleUp, scaleDown } = behavior;
  writeAnnotation(metadata, BEHAVIOR, { ScaleUp: writtenRules(scaleUp), ScaleDown: writtenRules(scaleDown) });
}

/** Go matches keys case-insensitively. */
function field(object: unknown, name: string): unknown {
  if (!isJSONObject(object)) return undefined;
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : (object[key] ?? undefined);
}

function readPolicy(policy: unknown): HPAScalingPolicy {
  return {
    type: String(field(policy, 'Type') ?? ''),
    value: Number(field(policy, 'Value') ?? 0),
    periodSeconds: Number(field(policy, 'PeriodSeconds') ?? 0),
  };
}

function readRules(rules: unknown): HPAScalingRules | undefined {
  if (!isJSONObject(rules)) return undefined;
  const seconds = field(rules, 'StabilizationWindowSeconds');
  const selectPolicy = field(rules, 'SelectPolicy');
  const policies = field(rules, 'Policies');
  const tolerance = field(rules, 'Tolerance');
  return {
    ...(typeof seconds === 'number' && { stabilizationWindowSeconds: seconds }),
    ...(typeof selectPolicy === 'string' && { selectPolicy }),
    ...(Array.isArray(policies) && { policies: policies.map(readPolicy) }),
    ...(typeof tolerance === 'string' && { tolerance }),
  };
}

/** Undefined if there is no behavior or it is empty. */
export function readBehavior(metadata: ObjectMeta): HorizontalPodAutoscalerBehavior | undefined {
  const value = readAnnotation(metadata, BEHAVIOR);
  const scaleUp = readRules(field(value, 'ScaleUp'));
  const scaleDown = readRules(field(value, 'ScaleDown'));
  if (scaleUp === undefined && scaleDown === undefined) return undefined;
  return { ...(scaleUp && { scaleUp }), ...(scaleDown && { scaleDown }) };
}
