import {
  type FieldError,
  forbidden,
  invalid,
  invalidEach,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Label, isPathSegmentName } from '../../../meta/validation/names.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { appendAll } from '../../../util/append-all.ts';
import { validateContainerResourceName } from '../../core/validation/resource-requirements.ts';
import type {
  ContainerResourceMetricSource,
  ExternalMetricSource,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from '../v2/types.ts';
import {
  type ReferenceTolerance,
  validateCrossVersionObjectReference,
} from './cross-version-object-reference.ts';

/** In validation order; only the first source that is set is validated. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
type Source = (typeof SOURCES)[number];

const FIELD_OF_TYPE: ReadonlyMap<string, Source> = new Map([
  ['ContainerResource', 'containerResource'],
  ['External', 'external'],
  ['Object', 'object'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
]);
const TYPES = [...FIELD_OF_TYPE.keys()];
const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];

export function validateMetricSpec(
  spec: MetricSpec,
  path: FieldPath,
  tolerance: ReferenceTolerance,
): FieldError[] {
  const { type } = spec;
  const errors: FieldError[] = [];
  const expected = FIELD_OF_TYPE.get(type);
  const unknown = notSupported(path.child('type'), type, TYPES);
  if (type === '') errors.push(required(path.child('type'), 'must specify a metric source type'));
  if (expected === undefined) errors.push(unknown);
  const present = SOURCES.filter((source) => spec[source]);
  if (present[0] !== undefined) appendAll(errors, validateSource(spec, present[0], path, tolerance));
  if (expected === undefined) errors.push(unknown);
  else if (!spec[expected]) {
    errors.push(required(path.child(expected), 'must populate information for the given metric source'));
  }
  if (present.length === 1) return errors;
  const others = present.filter((source) => source !== expected);
  return errors.concat(
    others.map((source) => forbidden(path.child(source), 'must populate the given metric source only')),
  );
}

function validateSource(
  spec: MetricSpec,
  source: Source,
  path: FieldPath,
  tolerance: ReferenceTolerance,
): FieldError[] {
  const at = path.child(source);
  switch (source) {
    case 'object':
      return validateObjectSource(spec.object!, at, tolerance);
    case 'external':
      return validateExternalSource(spec.external!, at);
    case 'pods':
      return validatePodsSource(spec.pods!, at);
    case 'resource':
      return validateResourceSource(spec.resource!, at);
    case 'containerResource':
      return validateContainerResourceSource(spec.containerResource!, at);
  }
}

function validateObjectSource(
  { describedObject, metric, target }: ObjectMetricSource,
  path: FieldPath,
  tolerance: ReferenceTolerance,
): FieldError[] {
  const errors = [
    ...validateCrossVersionObjectReference(describedObject, path.child('describedObject'), tolerance),
    ...validateMetricIdentifier(metric, path.child('metric')),
    ...validateMetricTarget(target, path.child('target')),
  ];
  if (target.value !== undefined || target.averageValue !== undefined) return errors;
  const detail = 'must set either a target value or averageValue';
  return [...errors, required(path.child('target', 'averageValue'), detail)];
}

function validateExternalSource({ metric, target }: ExternalMetricSource, path: FieldPath): FieldError[] {
  const errors = [
    ...validateMetricIdentifier(metric, path.child('metric')),
    ...validateMetricTarget(target, path.child('target')),
  ];
  const { value, averageValue } = target;
  if (value === undefined && averageValue === undefined) {
    const detail = 'must set either a target value for metric or a per-pod target';
    errors.push(required(path.child('target', 'averageValue'), detail));
  }
  if (value !== undefined && averageValue !== undefined) {
    const detail = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbidden(path.child('target', 'value'), detail));
  }
  return errors;
}

function validatePodsSource({ metric, target }: PodsMetricSource, path: FieldPath): FieldError[] {
  const errors = [
    ...validateMetricIdentifier(metric, path.child('metric')),
    ...validateMetricTarget(target, path.child('target')),
  ];
  if (target.averageValue !== undefined) return errors;
  return [
    ...errors,
    required(path.child('target', 'averageValue'), 'must specify a positive target averageValue'),
  ];
}

function validateResourceSource({ name, target }: ResourceMetricSource, path: FieldPath): FieldError[] {
  const errors = name === '' ? [required(path.child('name'), 'must specify a resource name')] : [];
  return errors.concat(validateResourceTarget(target, path.child('target')));
}

function validateContainerResourceSource(
  { name, container, target }: ContainerResourceMetricSource,
  path: FieldPath,
): FieldError[] {
  const errors =
    name === ''
      ? [required(path.child('name'), 'must specify a resource name')]
      : validateContainerResourceName(name, path.child('name'));
  const at = path.child('container');
  if (container === '') errors.push(required(at, 'must specify a container'));
  else appendAll(errors, invalidEach(at, container, isDNS1123Label(container)));
  return errors.concat(validateResourceTarget(target, path.child('target')));
}

function validateResourceTarget(target: MetricTarget, path: FieldPath): FieldError[] {
  const errors = validateMetricTarget(target, path);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    const detail = 'must set either a target raw value or a target utilization';
    errors.push(required(path.child('averageUtilization'), detail));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const detail = 'may not set both a target raw value and a target utilization';
    errors.push(forbidden(path.child('averageValue'), detail));
  }
  return errors;
}

function validateMetricTarget(target: MetricTarget, path: FieldPath): FieldError[] {
  const { type, averageUtilization } = target;
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(path.child('type'), 'must specify a metric target type'));
  if (!TARGET_TYPES.includes(type)) {
    errors.push(invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const field of ['value', 'averageValue'] as const) {
    const quantity = target[field];
    if (quantity !== undefined && Quantity.parse(quantity).sign <= 0) {
      errors.push(invalid(path.child(field), quantity, 'must be positive'));
    }
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalid(path.child('averageUtilization'), averageUtilization, 'must be greater than 0'));
  }
  return errors;
}

function validateMetricIdentifier({ name }: MetricIdentifier, path: FieldPath): FieldError[] {
  if (name === '') return [required(path.child('name'), 'must specify a metric name')];
  return invalidEach(path.child('name'), name, isPathSegmentName(name));
}
