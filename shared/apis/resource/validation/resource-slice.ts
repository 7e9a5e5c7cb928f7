/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/validation/validation.go */

import { type FieldError, invalid, invalidEach, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { NodeSelectorRequirement } from '../../core/v1/types.ts';
import { validateNodeSelector } from '../../core/validation/node-selectors.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';
import type { ResourcePool, ResourceSlice, ResourceSliceSpec } from '../v1/types.ts';
import { validateSet } from './collections.ts';
import { shownAttribute, validateCounters, validateDevice } from './device.ts';
import { validateFullyQualifiedName, validatePoolName, validateSkippedOperations } from './names.ts';

const SPEC = FieldPath.of('spec');
const POOL = SPEC.child('pool');
const NODE_NAME = SPEC.child('nodeName');
const MAX_DEVICES = 128;
const MAX_ELABORATE_DEVICES = 64;
const MAX_COUNTER_SETS = 8;
const UNSET_OR_TRUE = 'must be either unset or set to true';
const EXACTLY_ONE =
  'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

export function validateResourceSlice(
  { featureEnabled }: Pick<RequestContext, 'featureEnabled'>,
  { spec }: ResourceSlice,
  old?: ResourceSlice,
): FieldError[] {
  const { driver, pool, devices, sharedCounters } = spec;
  const errors = [
    ...validateCSIDriverName(driver, SPEC.child('driver')),
    ...validatePool(pool),
    ...(old
      ? [
          ...validateImmutableField(pool.name, old.spec.pool.name, POOL.child('name')),
          ...validateImmutableField(driver, old.spec.driver, SPEC.child('driver')),
          ...validateImmutableField(spec.nodeName, old.spec.nodeName, NODE_NAME),
        ]
      : []),
    ...validateNodes(spec),
  ];
  if (sharedCounters && devices) {
    errors.push(invalid(SPEC, '', 'only one of `sharedCounters` or `devices` is allowed'));
  }
  const options = {
    choosesNodes: spec.perDeviceNodeSelection ?? false,
    fractions: featureEnabled('DRAFractionalCapacityRange'),
  };
  const stored = new Map((old?.spec.devices ?? []).map((device) => [device.name, device]));
  return [
    ...errors,
    ...validateSet(
      devices,
      isElaborate(spec) ? MAX_ELABORATE_DEVICES : MAX_DEVICES,
      (device, path) => validateDevice(device, path, stored.get(device.name), options),
      ({ name }) => name,
      SPEC.child('devices'),
    ),
    ...validateSet(
      sharedCounters,
      MAX_COUNTER_SETS,
      ({ name, counters }, path) => validateCounters('name', name, counters, path),
      ({ name }) => name,
      SPEC.child('sharedCounters'),
    ),
    ...validatePartitionType(spec),
    ...validateSkippedOperations(spec.skipNodeOperations, SPEC.child('skipNodeOperations')),
  ];
}

const PARTITION_TYPE = SPEC.child('partitionTypeAttribute');
const NAMED = '`partitionTypeAttribute` names this attribute';

/** A name in the driver's own domain may omit the domain. */
function validatePartitionType({
  partitionTypeAttribute: name,
  driver,
  devices = [],
}: ResourceSliceSpec): FieldError[] {
  if (name === undefined) return [];
  if (!devices.some(({ consumesCounters }) => consumesCounters?.length)) {
    const detail = 'may only be set on a slice which declares devices that consume counters';
    return [invalid(PARTITION_TYPE, name, detail)];
  }
  // Declared rules report an invalid name, which no device can have.
  if (validateFullyQualifiedName(name, PARTITION_TYPE).length > 0) return [];
  const bare = name.startsWith(`${driver}/`) ? name.slice(driver.length + 1) : name;
  return devices.flatMap(({ consumesCounters, attributes = {} }, index) => {
    if (!consumesCounters?.length) return [];
    const path = SPEC.child('devices').index(index).child('attributes').key(name);
    const key = [name, bare].find((known) => Object.hasOwn(attributes, known));
    if (key === undefined) {
      return [required(path, `device consumes counters and ${NAMED}, so it must be set`)];
    }
    const attribute = attributes[key]!;
    if (attribute.string !== undefined) return [];
    return [invalid(path, shownAttribute(attribute), `must be a string value because ${NAMED}`)];
  });
}

const isElaborate = ({ devices = [] }: ResourceSliceSpec): boolean =>
  devices.some(
    ({ taints, consumesCounters, attributes }) =>
      Boolean(taints?.length) ||
      Boolean(consumesCounters?.length) ||
      Object.values(attributes ?? {}).some(
        ({ bools, ints, strings, versions }) => bools ?? ints ?? strings ?? versions,
      ),
  );

function validatePool({ name, resourceSliceCount: count, generation }: ResourcePool): FieldError[] {
  const errors = validatePoolName(name, POOL.child('name'));
  if (count <= 0) {
    errors.push(invalid(POOL.child('resourceSliceCount'), count, 'must be greater than zero'));
  }
  if (generation < 0) {
    const detail = 'must be greater than or equal to zero';
    errors.push(invalid(POOL.child('generation'), generation, detail));
  }
  return errors;
}

function validateNodes(spec: ResourceSliceSpec): FieldError[] {
  const { nodeName, nodeSelector } = spec;
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (nodeName === '') {
    errors.push(invalid(NODE_NAME, nodeName, 'must be either unset or set to a non-empty string'));
  } else if (nodeName !== undefined) {
    set.push('`nodeName`');
    appendAll(errors, invalidEach(NODE_NAME, nodeName, isDNS1123Subdomain(nodeName)));
  }
  if (nodeSelector) {
    const at = SPEC.child('nodeSelector');
    const { nodeSelectorTerms: terms } = nodeSelector;
    set.push('`nodeSelector`');
    appendAll(errors, validateNodeSelector(nodeSelector, at));
    if (terms?.length !== 1) {
      const detail = 'must have exactly one node selector term';
      // Upstream's internal type, which has no JSON names.
      const shown = terms?.map((term) => ({
        MatchExpressions: shownRequirements(term.matchExpressions),
        MatchFields: shownRequirements(term.matchFields),
      }));
      errors.push(invalid(at.child('nodeSelectorTerms'), shown ?? null, detail));
    }
  }
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[field]) set.push(`\`${field}\``);
    else if (spec[field] === false) errors.push(invalid(SPEC.child(field), false, UNSET_OR_TRUE));
  }
  if (set.length === 0) errors.push(required(SPEC, EXACTLY_ONE));
  if (set.length > 1) {
    const detail = `${EXACTLY_ONE}, but multiple fields are set`;
    errors.push(invalid(SPEC, `{${set.join(', ')}}`, detail));
  }
  return errors;
}

const shownRequirements = (requirements: readonly NodeSelectorRequirement[] | null | undefined) =>
  requirements?.map(({ key, operator, values }) => ({
    Key: key,
    Operator: operator,
    Values: values ?? null,
  })) ?? null;
