/**
 * Metrics in autoscaling/v2beta1 and in annotations of autoscaling/v1, with target and identifier flattened into the
 * source (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/autoscaling/v1/conversion.go).
 */

import { compact } from '../../util/compact.ts';
import type {
  ContainerResourceMetricSource,
  ContainerResourceMetricStatus,
  ExternalMetricSource,
  ExternalMetricStatus,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  ObjectMetricSource,
  ObjectMetricStatus,
  PodsMetricSource,
  PodsMetricStatus,
  ResourceMetricSource,
  ResourceMetricStatus,
} from './v2/types.ts';
import type * as v2beta1 from './v2beta1/types.ts';

type Selector = v2beta1.PodsMetricSource['selector'];

const ZERO = '0';
const isZero = (quantity: string | undefined): boolean => quantity === undefined || quantity === ZERO;
const metric = (name: string, selector: Selector) => compact({ name, selector });

function objectSource(flat: v2beta1.ObjectMetricSource): ObjectMetricSource {
  const { averageValue } = flat;
  const value =
    averageValue !== undefined && isZero(flat.targetValue) ? undefined : (flat.targetValue ?? ZERO);
  const type = averageValue === undefined ? 'Value' : 'AverageValue';
  return {
    describedObject: flat.target,
    target: compact({ type, value, averageValue }),
    metric: metric(flat.metricName, flat.selector),
  };
}

function flatObjectSource(source: ObjectMetricSource): v2beta1.ObjectMetricSource {
  return compact({
    target: source.describedObject,
    metricName: source.metric.name,
    targetValue: source.target.value ?? ZERO,
    selector: source.metric.selector,
    averageValue: source.target.averageValue,
  });
}

function podsSource(flat: v2beta1.PodsMetricSource): PodsMetricSource {
  return {
    metric: metric(flat.metricName, flat.selector),
    target: { type: 'AverageValue', averageValue: flat.targetAverageValue ?? ZERO },
  };
}

function flatPodsSource(source: PodsMetricSource): v2beta1.PodsMetricSource {
  return compact({
    metricName: source.metric.name,
    targetAverageValue: source.target.averageValue ?? ZERO,
    selector: source.metric.selector,
  });
}

function resourceTarget(flat: v2beta1.ResourceMetricSource): MetricTarget {
  return compact({
    type: flat.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageValue: flat.targetAverageValue,
    averageUtilization: flat.targetAverageUtilization,
  });
}

const resourceSource = (flat: v2beta1.ResourceMetricSource): ResourceMetricSource => ({
  name: flat.name,
  target: resourceTarget(flat),
});

const flatResourceSource = (source: ResourceMetricSource): v2beta1.ResourceMetricSource =>
  compact({
    name: source.name,
    targetAverageUtilization: source.target.averageUtilization,
    targetAverageValue: source.target.averageValue,
  });

const containerSource = (flat: v2beta1.ContainerResourceMetricSource): ContainerResourceMetricSource => ({
  name: flat.name,
  target: resourceTarget(flat),
  container: flat.container,
});

const flatContainerSource = (
  source: ContainerResourceMetricSource,
): v2beta1.ContainerResourceMetricSource => ({
  ...flatResourceSource(source),
  container: source.container,
});

function externalSource(flat: v2beta1.ExternalMetricSource): ExternalMetricSource {
  return {
    metric: metric(flat.metricName, flat.metricSelector),
    target: compact({
      type: flat.targetValue === undefined ? 'AverageValue' : 'Value',
      value: flat.targetValue,
      averageValue: flat.targetAverageValue,
    }),
  };
}

function flatExternalSource(source: ExternalMetricSource): v2beta1.ExternalMetricSource {
  return compact({
    metricName: source.metric.name,
    metricSelector: source.metric.selector,
    targetValue: source.target.value,
    targetAverageValue: source.target.averageValue,
  });
}

const objectStatus = (flat: v2beta1.ObjectMetricStatus): ObjectMetricStatus => ({
  metric: metric(flat.metricName, flat.selector),
  current: compact({ value: flat.currentValue ?? ZERO, averageValue: flat.averageValue }),
  describedObject: flat.target,
});

const flatObjectStatus = (status: ObjectMetricStatus): v2beta1.ObjectMetricStatus =>
  compact({
    target: status.describedObject,
    metricName: status.metric.name,
    currentValue: status.current.value ?? ZERO,
    selector: status.metric.selector,
    averageValue: status.current.averageValue,
  });

const podsStatus = (flat: v2beta1.PodsMetricStatus): PodsMetricStatus => ({
  metric: metric(flat.metricName, flat.selector),
  current: { averageValue: flat.currentAverageValue ?? ZERO },
});

const flatPodsStatus = (status: PodsMetricStatus): v2beta1.PodsMetricStatus =>
  compact({
    metricName: status.metric.name,
    currentAverageValue: status.current.averageValue ?? ZERO,
    selector: status.metric.selector,
  });

const resourceStatus = (flat: v2beta1.ResourceMetricStatus): ResourceMetricStatus => ({
  name: flat.name,
  current: compact({
    averageValue: flat.currentAverageValue ?? ZERO,
    averageUtilization: flat.currentAverageUtilization,
  }),
});

const flatResourceStatus = (status: ResourceMetricStatus): v2beta1.ResourceMetricStatus =>
  compact({
    name: status.name,
    currentAverageUtilization: status.current.averageUtilization,
    currentAverageValue: status.current.averageValue ?? ZERO,
  });

const containerStatus = (flat: v2beta1.ContainerResourceMetricStatus): ContainerResourceMetricStatus => ({
  ...resourceStatus(flat),
  container: flat.container,
});

const flatContainerStatus = (
  status: ContainerResourceMetricStatus,
): v2beta1.ContainerResourceMetricStatus => ({
  ...flatResourceStatus(status),
  container: status.container,
});

const externalStatus = (flat: v2beta1.ExternalMetricStatus): ExternalMetricStatus => ({
  metric: metric(flat.metricName, flat.metricSelector),
  current: compact({ value: flat.currentValue ?? ZERO, averageValue: flat.currentAverageValue }),
});

const flatExternalStatus = (status: ExternalMetricStatus): v2beta1.ExternalMetricStatus =>
  compact({
    metricName: status.metric.name,
    metricSelector: status.metric.selector,
    currentValue: status.current.value ?? ZERO,
    currentAverageValue: status.current.averageValue,
  });

function optional<A, B>(value: A | undefined, convert: (value: A) => B): B | undefined {
  return value === undefined ? undefined : convert(value);
}

export function unflattenMetricSpec(flat: v2beta1.MetricSpec): MetricSpec {
  return compact({
    type: flat.type,
    object: optional(flat.object, objectSource),
    pods: optional(flat.pods, podsSource),
    resource: optional(flat.resource, resourceSource),
    containerResource: optional(flat.containerResource, containerSource),
    external: optional(flat.external, externalSource),
  });
}

export function flattenMetricSpec(spec: MetricSpec): v2beta1.MetricSpec {
  return compact({
    type: spec.type,
    object: optional(spec.object, flatObjectSource),
    pods: optional(spec.pods, flatPodsSource),
    resource: optional(spec.resource, flatResourceSource),
    containerResource: optional(spec.containerResource, flatContainerSource),
    external: optional(spec.external, flatExternalSource),
  });
}

export function unflattenMetricStatus(flat: v2beta1.MetricStatus): MetricStatus {
  return compact({
    type: flat.type,
    object: optional(flat.object, objectStatus),
    pods: optional(flat.pods, podsStatus),
    resource: optional(flat.resource, resourceStatus),
    containerResource: optional(flat.containerResource, containerStatus),
    external: optional(flat.external, externalStatus),
  });
}

export function flattenMetricStatus(status: MetricStatus): v2beta1.MetricStatus {
  return compact({
    type: status.type,
    object: optional(status.object, flatObjectStatus),
    pods: optional(status.pods, flatPodsStatus),
    resource: optional(status.resource, flatResourceStatus),
    containerResource: optional(status.containerResource, flatContainerStatus),
    external: optional(status.external, flatExternalStatus),
  });
}
