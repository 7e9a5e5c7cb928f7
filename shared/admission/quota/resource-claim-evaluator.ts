import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaim } from '../../apis/resource/v1/types.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { type Amounts, addAmounts, ONE } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';
import { objectCountName } from './object-count-evaluator.ts';

const CLAIMS = { group: 'resource.k8s.io', resource: 'resourceclaims' };
const COUNT = objectCountName(CLAIMS);
/** `gpu.example.com.deviceclass.resource.k8s.io/devices`: of one class. */
const CLASS_SUFFIX = '.deviceclass.resource.k8s.io/devices';
/** How many devices a claim can get; what "all" may turn out to be. */
const MOST_DEVICES = 32;

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/evaluator/core/resource_claims.go */
export const resourceClaimEvaluator: QuotaEvaluator = {
  resource: CLAIMS,
  handles: ({ operation, subresource }) =>
    subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  tracks: (name) => name === COUNT || name.endsWith(CLASS_SUFFIX),
  usage(object) {
    const { spec } = object as ResourceClaim;
    let usage: Amounts = new Map([[COUNT, ONE]]);
    for (const { exactly, firstAvailable } of spec.devices?.requests ?? []) {
      usage = addAmounts(usage, mostOf([...(exactly ? [exactly] : []), ...(firstAvailable ?? [])]));
    }
    return usage;
  },
};

/** Of alternatives, for each class the one that takes most. */
function mostOf(requests: readonly (ExactDeviceRequest | DeviceSubRequest)[]): Amounts {
  const most = new Map<string, number>();
  for (const { deviceClassName, allocationMode, count = 1 } of requests) {
    // Counts beyond what numbers hold exactly are bigints.
    const devices = allocationMode === 'All' ? MOST_DEVICES : Number(count);
    most.set(deviceClassName, Math.max(devices, most.get(deviceClassName) ?? 0));
  }
  return new Map([...most].map(([name, devices]) => [name + CLASS_SUFFIX, Quantity.fromInteger(devices)]));
}
