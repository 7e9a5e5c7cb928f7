import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  covered,
  type FieldError,
  invalid,
  invalidEach,
  notFound,
  required,
  tooLong,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { DNS1123_LABEL_MAX_LENGTH, isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { appendAll } from '../../../util/append-all.ts';
import { parseSemanticVersion } from '../../../util/semantic-version.ts';
import { isHugePageResourceName } from '../../core/resource-names.ts';
import { sortedEntries, validateDNS1123Label } from '../../core/validation/helpers.ts';
import { validateNodeSelector } from '../../core/validation/node-selectors.ts';
import type {
  Counter,
  Device,
  DeviceAttribute,
  NodeAllocatableMapping,
  NodeAllocatableOverhead,
} from '../v1/types.ts';
import { validateBindingConditions } from './binding-conditions.ts';
import { validateList, validateMap, validateSet } from './collections.ts';
import { validateDeviceTaint } from './device-taint.ts';
import { QUALIFIED_NAME_MAX_LENGTH, validateQualifiedName } from './names.ts';
import { type CapacityOptions, validateCapacity } from './request-policy.ts';

const MAX_ATTRIBUTES_AND_CAPACITIES = 32;
const MAX_ATTRIBUTE_VALUES = 48;
const MAX_ATTRIBUTE_SIZE = 64;
const MAX_TAINTS = 16;
const MAX_COUNTER_SETS_CONSUMED = 2;
const MAX_COUNTERS = 32;

export interface DeviceOptions extends CapacityOptions {
  /** Whether each device of the slice specifies its own nodes. */
  readonly choosesNodes: boolean;
}

/** `old` is the stored device of the same name. */
export function validateDevice(
  device: Device,
  path: FieldPath,
  old: Device | undefined,
  { choosesNodes, ...options }: DeviceOptions,
): FieldError[] {
  const { attributes = {}, capacity = {} } = device;
  const errors = validateDNS1123Label(device.name, path.child('name'));
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_ATTRIBUTES_AND_CAPACITIES) {
    const detail = `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES_AND_CAPACITIES}`;
    errors.push(invalid(path, count, detail));
  }
  const values = Object.values(attributes).reduce((sum, attribute) => sum + valuesOf(attribute), 0);
  if (values > MAX_ATTRIBUTE_VALUES) {
    const detail = `the total number of attribute values must not exceed ${MAX_ATTRIBUTE_VALUES}`;
    errors.push(invalid(path, values, detail));
  }
  const names = { keyLength: QUALIFIED_NAME_MAX_LENGTH, key: validateQualifiedName };
  const isShared = device.allowMultipleAllocations ?? false;
  appendAll(
    errors,
    validateMap(attributes, { ...names, value: validateAttribute }, path.child('attributes')),
    semanticDeepEqual(device.capacity, old?.capacity)
      ? []
      : validateMap(
          capacity,
          { ...names, value: (entry, at) => validateCapacity(entry, at, isShared, options) },
          path.child('capacity'),
        ),
  );
  if (!semanticDeepEqual(device.taints, old?.taints)) {
    appendAll(errors, validateList(device.taints, MAX_TAINTS, validateNewTaint, path.child('taints')));
  }
  appendAll(
    errors,
    validateSet(
      device.consumesCounters,
      MAX_COUNTER_SETS_CONSUMED,
      ({ counterSet, counters }, at) => validateCounters('counterSet', counterSet, counters, at),
      ({ counterSet }) => counterSet,
      path.child('consumesCounters'),
    ),
  );
  appendAll(errors, choosesNodes ? validateOwnNodes(device, path) : validateNoNodes(device, path));
  return [
    ...errors,
    ...validateBindingConditions(device, path),
    ...validateNodeResources(device, path.child('nodeAllocatableResources')),
  ];
}

const validateNewTaint = (taint: Parameters<typeof validateDeviceTaint>[0], path: FieldPath): FieldError[] =>
  validateDeviceTaint(taint, path);

const LISTS = ['bools', 'ints', 'strings', 'versions'] as const;
const VALUES = ['int', 'bool', 'string', 'version', 'ints', 'bools', 'strings', 'versions'] as const;

/** The form in errors: upstream's own fields, each with its value or null. */
export const shownAttribute = (attribute: DeviceAttribute) => ({
  IntValue: attribute.int ?? null,
  BoolValue: attribute.bool ?? null,
  StringValue: attribute.string ?? null,
  VersionValue: attribute.version ?? null,
  IntValues: attribute.ints ?? null,
  BoolValues: attribute.bools ?? null,
  StringValues: attribute.strings ?? null,
  VersionValues: attribute.versions ?? null,
});

const valuesOf = (attribute: DeviceAttribute): number =>
  LISTS.reduce((sum, list) => sum + (attribute[list]?.length ?? 0), 0) || 1;

function validateAttribute(attribute: DeviceAttribute, path: FieldPath): FieldError[] {
  const { string, version, strings = [], versions = [] } = attribute;
  const errors = [
    ...(string === undefined ? [] : validateString(string, path.child('string'))),
    ...(version === undefined ? [] : validateVersion(version, path.child('version'))),
    ...strings.flatMap((value, index) => validateString(value, path.child('strings').index(index))),
    ...versions.flatMap((value, index) => validateVersion(value, path.child('versions').index(index))),
  ];
  const set = VALUES.filter((value) => attribute[value] !== undefined && attribute[value] !== null);
  if (set.length === 1) return errors;
  const shown = set.length === 0 ? '' : shownAttribute(attribute);
  return [...errors, ...covered([invalid(path, shown, 'exactly one value must be specified')])];
}

const validateString = (value: string, path: FieldPath): FieldError[] =>
  byteLength(value) > MAX_ATTRIBUTE_SIZE ? [tooLong(path, MAX_ATTRIBUTE_SIZE)] : [];

function validateVersion(value: string, path: FieldPath): FieldError[] {
  const detail = 'must be a string compatible with semver.org spec 2.0.0';
  const errors = parseSemanticVersion(value) === undefined ? [invalid(path, value, detail)] : [];
  return errors.concat(validateString(value, path));
}

/** For a counter set, or for the counters consumed from one. */
export function validateCounters(
  nameField: string,
  name: string,
  counters: Readonly<Record<string, Counter>> | undefined,
  path: FieldPath,
): FieldError[] {
  const at = path.child('counters');
  const namePath = path.child(nameField);
  return [
    ...covered(name === '' ? [required(namePath, '')] : validateDNS1123Label(name, namePath)),
    ...(Object.keys(counters ?? {}).length === 0
      ? covered([required(at, '')])
      : validateMap(
          counters,
          {
            max: MAX_COUNTERS,
            keyLength: DNS1123_LABEL_MAX_LENGTH,
            key: validateDNS1123Label,
            value: () => [],
          },
          at,
        )),
  ];
}

const EACH_CHOOSES =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

function validateOwnNodes({ nodeName, nodeSelector, allNodes }: Device, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const set: string[] = [];
  const at = path.child('nodeName');
  if (nodeName === '') errors.push(invalid(at, nodeName, 'must not be empty'));
  else if (nodeName !== undefined) {
    set.push('`nodeName`');
    appendAll(errors, invalidEach(at, nodeName, isDNS1123Subdomain(nodeName)));
  }
  if (nodeSelector) {
    set.push('`nodeSelector`');
    appendAll(errors, validateNodeSelector(nodeSelector, path.child('nodeSelector')));
  }
  if (allNodes === false) {
    errors.push(invalid(path.child('allNodes'), allNodes, 'must be either unset or set to true'));
  } else if (allNodes) set.push('`allNodes`');
  if (set.length === 0) errors.push(required(path, EACH_CHOOSES));
  if (set.length > 1) errors.push(invalid(path, `{${set.join(', ')}}`, EACH_CHOOSES));
  return errors;
}

function validateNoNodes({ nodeName, nodeSelector, allNodes }: Device, path: FieldPath): FieldError[] {
  if (nodeName === undefined && !nodeSelector && allNodes === undefined) return [];
  const detail =
    '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  return [invalid(path, null, detail)];
}

function isNodeAllocatable(resource: string): boolean {
  return resource === 'cpu' || resource === 'memory' || isHugePageResourceName(resource);
}

/** Resources of the node that a device uses: by itself (mapping), and in addition (overhead). */
function validateNodeResources(
  { nodeAllocatableResources, capacity = {} }: Device,
  path: FieldPath,
): FieldError[] {
  return sortedEntries(nodeAllocatableResources).flatMap(([resource, { mapping, overhead }]) => {
    const at = path.key(resource);
    const errors = isNodeAllocatable(resource)
      ? []
      : [invalid(at, resource, 'must be a node allocatable resource name')];
    if (!mapping && !overhead) errors.push(required(at, 'at least one of mapping or overhead must be set'));
    if (mapping) appendAll(errors, validateNodeMapping(mapping, capacity, at.child('mapping')));
    if (overhead) appendAll(errors, validateNodeOverhead(overhead, at.child('overhead')));
    return errors;
  });
}

function validateNodeMapping(
  mapping: NodeAllocatableMapping,
  capacity: NonNullable<Device['capacity']>,
  path: FieldPath,
): FieldError[] {
  const { capacityKey, capacityMultiplier, deviceMultiplier } = mapping;
  const errors: FieldError[] = [];
  const positive = (field: 'capacityMultiplier' | 'deviceMultiplier'): void => {
    const value = mapping[field];
    if (value && Quantity.parse(value).sign <= 0)
      errors.push(invalid(path.child(field), value, 'must be positive'));
  };
  if (typeof capacityKey === 'string') {
    const at = path.child('capacityKey');
    if (capacityKey === '') errors.push(invalid(at, '', 'capacityKey must not be an empty string'));
    else if (!Object.hasOwn(capacity, capacityKey)) errors.push(notFound(at, capacityKey));
    if (!capacityMultiplier) {
      errors.push(
        required(path.child('capacityMultiplier'), 'capacityMultiplier is required when capacityKey is set'),
      );
    } else positive('capacityMultiplier');
  }
  if (deviceMultiplier) positive('deviceMultiplier');
  if (capacityMultiplier && typeof capacityKey !== 'string') {
    errors.push(
      required(path.child('capacityKey'), 'capacityKey is required when capacityMultiplier is set'),
    );
  }
  return errors;
}

function validateNodeOverhead(
  { perPod, perContainer }: NodeAllocatableOverhead,
  path: FieldPath,
): FieldError[] {
  if (!perPod && !perContainer)
    return [invalid(path, '', 'at least one of perPod or perContainer must be set')];
  return Object.entries({ perPod, perContainer }).flatMap(([field, value]) =>
    value && Quantity.parse(value).sign < 0
      ? [invalid(path.child(field), value, 'must be non-negative')]
      : [],
  );
}
