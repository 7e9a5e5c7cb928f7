/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/v1beta1/conversion.go */

import { compact } from '../../../util/compact.ts';
import type * as v1 from '../v1/types.ts';
import type {
  Device,
  DeviceRequest,
  ResourceClaim,
  ResourceClaimSpec,
  ResourceClaimTemplate,
  ResourceSlice,
} from './types.ts';

function requestToInternal({
  name,
  firstAvailable,
  deviceClassName,
  ...rest
}: DeviceRequest): v1.DeviceRequest {
  const exact =
    deviceClassName !== '' || Object.values(compact(rest)).some((value) => value !== '' && value !== 0);
  return compact({ name, exactly: exact ? { deviceClassName, ...rest } : undefined, firstAvailable });
}

function requestFromInternal({ name, exactly, firstAvailable }: v1.DeviceRequest): DeviceRequest {
  return compact({ name, deviceClassName: '', ...exactly, firstAvailable });
}

function claimSpecToInternal({ devices }: ResourceClaimSpec): v1.ResourceClaimSpec {
  const requests = devices.requests?.map(requestToInternal);
  return { devices: { ...devices, requests: requests ?? null } };
}

function claimSpecFromInternal({ devices }: v1.ResourceClaimSpec): ResourceClaimSpec {
  return { devices: { ...devices, requests: devices.requests?.map(requestFromInternal) ?? null } };
}

export function resourceClaimToInternal(claim: ResourceClaim): v1.ResourceClaim {
  return { ...claim, spec: claimSpecToInternal(claim.spec) };
}

export function resourceClaimFromInternal(hub: v1.ResourceClaim): ResourceClaim {
  return { ...hub, spec: claimSpecFromInternal(hub.spec) };
}

export function resourceClaimTemplateToInternal(template: ResourceClaimTemplate): v1.ResourceClaimTemplate {
  return { ...template, spec: { ...template.spec, spec: claimSpecToInternal(template.spec.spec) } };
}

export function resourceClaimTemplateFromInternal(hub: v1.ResourceClaimTemplate): ResourceClaimTemplate {
  return { ...hub, spec: { ...hub.spec, spec: claimSpecFromInternal(hub.spec.spec) } };
}

const deviceToInternal = ({ name, basic }: Device): v1.Device => ({ name, ...basic });
const deviceFromInternal = ({ name, ...basic }: v1.Device): Device => ({ name, basic });

export function resourceSliceToInternal(slice: ResourceSlice): v1.ResourceSlice {
  const { spec } = slice;
  return {
    ...slice,
    spec: compact({
      ...spec,
      nodeName: spec.nodeName || undefined,
      allNodes: spec.allNodes || undefined,
      devices: spec.devices?.map(deviceToInternal),
    }),
  };
}

export function resourceSliceFromInternal(hub: v1.ResourceSlice): ResourceSlice {
  return { ...hub, spec: compact({ ...hub.spec, devices: hub.spec.devices?.map(deviceFromInternal) }) };
}
