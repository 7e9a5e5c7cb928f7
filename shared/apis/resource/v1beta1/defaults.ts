import { setRequestDefaults, setTaintDefaults } from '../defaults.ts';
import type { ResourceClaim, ResourceClaimSpec, ResourceClaimTemplate, ResourceSlice } from './types.ts';

function setClaimSpecDefaults({ devices }: ResourceClaimSpec): void {
  for (const request of devices.requests ?? []) {
    // A request without a class consists of its alternatives.
    if (request.deviceClassName !== '') setRequestDefaults(request);
    for (const alternative of request.firstAvailable ?? []) setRequestDefaults(alternative);
  }
}

export const setResourceClaimDefaults = ({ spec }: ResourceClaim): void => setClaimSpecDefaults(spec);
export const setResourceClaimTemplateDefaults = ({ spec }: ResourceClaimTemplate): void =>
  setClaimSpecDefaults(spec.spec);

export function setResourceSliceDefaults({ spec }: ResourceSlice): void {
  for (const { basic } of spec.devices ?? []) {
    for (const taint of basic?.taints ?? []) setTaintDefaults(taint);
  }
}
