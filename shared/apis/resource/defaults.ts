/**
 * Defaults common to versions of resource.k8s.io
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/v1/defaults.go).
 */

import { formatTime } from '../../meta/time.ts';
import type { DeviceSubRequest, DeviceTaint, ExactDeviceRequest } from './v1/types.ts';

export function setRequestDefaults(request: ExactDeviceRequest | DeviceSubRequest): void {
  request.allocationMode ||= 'ExactCount';
  if (request.allocationMode === 'ExactCount') request.count ||= 1;
}

export function setTaintDefaults(taint: DeviceTaint): void {
  taint.timeAdded ??= formatTime(Date.now());
}
