/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  covered,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  shownAs,
  tooLong,
  tooMany,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isValidInterfaceAddress } from '../../../meta/validation/ip.ts';
import { appendAll } from '../../../util/append-all.ts';
import { validateDNS1123Label } from '../../core/validation/helpers.ts';
import { validateNodeSelector } from '../../core/validation/node-selectors.ts';
import { validateTemplateObjectMeta } from '../../core/validation/persistent-volume-claim-spec.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';
import { type DeviceIdentity, deviceKey } from '../device-key.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
  ResourceClaimStatus,
  ResourceClaimTemplate,
} from '../v1/types.ts';
import { validateBindingConditions } from './binding-conditions.ts';
import { validateList, validateSet } from './collections.ts';
import {
  MAX_CONFIGURATIONS,
  MAX_REQUESTS,
  type RequestNames,
  requestNamesOf,
  validateDeviceClaim,
  validateRequestReference,
  validateRequestReferences,
} from './device-claim.ts';
import { validateDeviceConfiguration, validateRawExtension } from './device-configuration.ts';
import type { DeviceRules } from './device-selector.ts';
import { validateDeviceToleration } from './device-taint.ts';
import { validatePoolName, validateSkippedOperations, validateUID } from './names.ts';

const SPEC = FieldPath.of('spec');
const STATUS = FieldPath.of('status');
const ALLOCATION = STATUS.child('allocation');
const RESERVED_FOR = STATUS.child('reservedFor');
const MAX_CONSUMERS = 256;
const MAX_CONDITIONS = 8;
const MAX_IPS = 16;
const MAX_INTERFACE_NAME_SIZE = 256;
const MAX_HARDWARE_ADDRESS_SIZE = 128;
const CONFIGURATION_SOURCES = ['FromClaim', 'FromClass'];

export const validateResourceClaim = ({ spec }: ResourceClaim, rules: DeviceRules): FieldError[] =>
  validateDeviceClaim(spec.devices, SPEC.child('devices'), rules);

export const validateResourceClaimUpdate = (claim: ResourceClaim, old: ResourceClaim): FieldError[] =>
  covered(shownAs('resource.ResourceClaimSpec', validateImmutableField(claim.spec, old.spec, SPEC)));

export const validateResourceClaimTemplate = (
  { spec }: ResourceClaimTemplate,
  rules: DeviceRules,
): FieldError[] => [
  ...validateTemplateObjectMeta(spec.metadata, SPEC.child('metadata')),
  ...validateDeviceClaim(spec.spec.devices, SPEC.child('spec', 'devices'), rules),
];

export const validateResourceClaimTemplateUpdate = (
  template: ResourceClaimTemplate,
  old: ResourceClaimTemplate,
  rules: DeviceRules,
): FieldError[] => [
  ...validateResourceClaimTemplate(template, rules),
  ...shownAs('resource.ResourceClaimTemplateSpec', validateImmutableField(template.spec, old.spec, SPEC)),
];

export function validateResourceClaimStatusUpdate(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  const { status, spec, metadata } = claim;
  const { allocation } = status;
  const results = allocation?.devices.results ?? [];
  const allocated = new Set(results.map((result) => deviceKey(result)));
  const errors = [
    ...validateSet(status.reservedFor, MAX_CONSUMERS, validateConsumer, ({ uid }) => uid, RESERVED_FOR),
    ...validateSet(
      status.devices,
      Number.POSITIVE_INFINITY,
      (device, path) => validateDeviceStatus(device, path, allocated),
      deviceKey,
      STATUS.child('devices'),
      shownDevice,
    ),
    ...validateReservations(status, old.status, metadata.deletionTimestamp !== undefined),
  ];
  if (!allocation) return errors;
  return errors.concat(
    old.status.allocation
      ? covered(
          shownAs(
            'resource.AllocationResult',
            validateImmutableField(allocation, old.status.allocation, ALLOCATION),
          ),
        )
      : validateAllocation(allocation, requestNamesOf(spec.devices)),
  );
}

const shownDevice = ({ driver, pool, device, shareID = '' }: DeviceIdentity) => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: shareID,
});

function validateConsumer(consumer: ResourceClaimConsumerReference, path: FieldPath): FieldError[] {
  return (['resource', 'name', 'uid'] as const).flatMap((field) =>
    consumer[field] === '' ? [required(path.child(field), '')] : [],
  );
}

/** A claim that isn't allocated can't be reserved, and one being deleted can't be reserved for further consumers. */
function validateReservations(
  { reservedFor = [], allocation }: ResourceClaimStatus,
  old: ResourceClaimStatus,
  isDeleted: boolean,
): FieldError[] {
  if (reservedFor.length === 0) return [];
  if (!allocation) return [forbidden(RESERVED_FOR, 'may not be specified when `allocated` is not set')];
  const isStored = (consumer: ResourceClaimConsumerReference): boolean =>
    (old.reservedFor ?? []).some((other) => semanticDeepEqual(other, consumer));
  if (!isDeleted || reservedFor.every(isStored)) return [];
  const detail = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
  return [forbidden(RESERVED_FOR, detail)];
}

function validateAllocation({ devices, nodeSelector }: AllocationResult, names: RequestNames): FieldError[] {
  const path = ALLOCATION.child('devices');
  return [
    ...validateList(
      devices.results,
      MAX_REQUESTS,
      (result, at) => validateResult(result, at, names),
      path.child('results'),
    ),
    ...validateList(
      devices.config,
      2 * MAX_CONFIGURATIONS,
      (configuration, at) => validateAllocationConfiguration(configuration, at, names),
      path.child('config'),
    ),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, ALLOCATION.child('nodeSelector')) : []),
  ];
}

function validateResult(
  result: DeviceRequestAllocationResult,
  path: FieldPath,
  names: RequestNames,
): FieldError[] {
  const { request, driver, pool, device, shareID, tolerations, skipNodeOperations } = result;
  return [
    ...validateRequestReference(request, path.child('request'), names),
    ...covered(validateCSIDriverName(driver, path.child('driver'))),
    ...covered(validatePoolName(pool, path.child('pool'))),
    ...validateDNS1123Label(device, path.child('device')),
    ...validateBindingConditions(result, path),
    ...(tolerations ?? []).flatMap((toleration, index) =>
      validateDeviceToleration(toleration, path.child('tolerations').index(index)),
    ),
    ...(shareID === undefined ? [] : covered(validateUID(shareID, path.child('shareID')))),
    ...validateSkippedOperations(skipNodeOperations, path.child('skipNodeOperations')),
  ];
}

const validateDeviceIdentity = ({ driver, pool, device }: DeviceIdentity, path: FieldPath): FieldError[] => [
  ...validateCSIDriverName(driver, path.child('driver')),
  ...validatePoolName(pool, path.child('pool')),
  ...validateDNS1123Label(device, path.child('device')),
];

function validateAllocationConfiguration(
  configuration: DeviceAllocationConfiguration,
  path: FieldPath,
  names: RequestNames,
): FieldError[] {
  const { source, requests } = configuration;
  const errors: FieldError[] = [];
  const at = path.child('source');
  if (source === '') appendAll(errors, covered([required(at, '')]));
  else if (!CONFIGURATION_SOURCES.includes(source)) {
    appendAll(errors, covered([notSupported(at, source, CONFIGURATION_SOURCES)]));
  }
  return [
    ...errors,
    ...validateRequestReferences(requests, path.child('requests'), names),
    ...validateDeviceConfiguration(configuration, path),
  ];
}

function validateDeviceStatus(
  device: AllocatedDeviceStatus,
  path: FieldPath,
  allocated: ReadonlySet<string>,
): FieldError[] {
  const { shareID, conditions, data, networkData } = device;
  const errors = validateDeviceIdentity(device, path);
  if (shareID !== undefined) appendAll(errors, covered(validateUID(shareID, path.child('shareID'))));
  if (!allocated.has(deviceKey(device))) {
    errors.push(invalid(path, shownDevice(device), 'must be an allocated device in the claim'));
  }
  const at = path.child('conditions');
  const count = conditions?.length ?? 0;
  if (count > MAX_CONDITIONS) errors.push(tooMany(at, count, MAX_CONDITIONS));
  appendAll(errors, validateConditions(conditions, at));
  if (data !== undefined) appendAll(errors, validateRawExtension(data, path.child('data')));
  return networkData ? errors.concat(validateNetworkData(networkData, path.child('networkData'))) : errors;
}

function validateNetworkData(
  { interfaceName = '', hardwareAddress = '', ips }: NetworkDeviceData,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(interfaceName) > MAX_INTERFACE_NAME_SIZE) {
    appendAll(errors, covered([tooLong(path.child('interfaceName'), MAX_INTERFACE_NAME_SIZE)]));
  }
  if (byteLength(hardwareAddress) > MAX_HARDWARE_ADDRESS_SIZE) {
    appendAll(errors, covered([tooLong(path.child('hardwareAddress'), MAX_HARDWARE_ADDRESS_SIZE)]));
  }
  return errors.concat(
    validateSet(
      ips,
      MAX_IPS,
      (address, at) => isValidInterfaceAddress(at, address),
      (address) => address,
      path.child('ips'),
    ),
  );
}
