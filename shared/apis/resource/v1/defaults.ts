import { setRequestDefaults, setTaintDefaults } from '../defaults.ts';
import type {
  DeviceTaintRule,
  ResourceClaim,
  ResourceClaimSpec,
  ResourceClaimTemplate,
  ResourceSlice,
} from './types.ts';

function setClaimSpecDefaults({ devices }: ResourceClaimSpec): void {
  for (const { exactly, firstAvailable } of devices.requests ?? []) {
    if (exactly !== undefined) setRequestDefaults(exactly);
    for (const request of firstAvailable ?? []) setRequestDefaults(request);
  }
}

// Also used for v1beta2.
export const setResourceClaimDefaults = ({ spec }: ResourceClaim): void => setClaimSpecDefaults(spec);
export const setResourceClaimTemplateDefaults = ({ spec }: ResourceClaimTemplate): void =>
  setClaimSpecDefaults(spec.spec);

export function setResourceSliceDefaults({ spec }: ResourceSlice): void {
  for (const device of spec.devices ?? []) {
    for (const taint of device.taints ?? []) setTaintDefaults(taint);
  }
}

/** Also used for v1beta2 and v1alpha3. */
export const setDeviceTaintRuleDefaults = ({ spec }: DeviceTaintRule): void => setTaintDefaults(spec.taint);
