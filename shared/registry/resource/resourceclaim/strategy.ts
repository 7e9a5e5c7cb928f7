/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/resource/resourceclaim/strategy.go */

import { dropGatedPaths, type GatedPaths } from '../../../apis/gated-paths.ts';
import { deviceKey } from '../../../apis/resource/device-key.ts';
import type { DeviceRequest, ResourceClaim } from '../../../apis/resource/v1/types.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import type { RESTStorageConfig } from '../../generic/rest-storage-provider.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { validateAdminAccess } from '../admin-access.ts';
import { loadDeclaredRules } from '../declared-rules.ts';
import { authorizeStatus } from '../status-authorization.ts';

const API_VERSIONS = [
  'resource.k8s.io/v1alpha3',
  'resource.k8s.io/v1beta1',
  'resource.k8s.io/v1beta2',
  'resource.k8s.io/v1',
];
const REQUESTS = FieldPath.of('spec', 'devices', 'requests');
/** Also of templates, which hold a claim's spec. */
export const GATED_CLAIM: GatedPaths = {
  DRADerivedAttributes: [
    'spec.devices.requests[].exactly.derivedAttributes',
    'spec.devices.requests[].firstAvailable[].derivedAttributes',
  ],
};
const GATED_STATUS: GatedPaths = {
  DRAOptionalNodeOperations: ['status.allocation.devices.results[].skipNodeOperations'],
};
const RESULTS = FieldPath.of('status', 'allocation', 'devices', 'results');

/** Devices are selected by CEL, which loads with the first object that may hold selectors. */
const load = () => import('../../../apis/resource/validation/resource-claim.ts');

type ClaimConfig = Pick<RESTStorageConfig, 'resources' | 'authorizer'>;

/** Of the first request that asks for it. */
export function adminAccessPath(
  requests: readonly DeviceRequest[] | null | undefined,
): FieldPath | undefined {
  const index = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess);
  return index === -1 ? undefined : REQUESTS.index(index).child('adminAccess');
}

function adminResultPath({ status }: ResourceClaim): FieldPath | undefined {
  const results = status.allocation?.devices.results ?? [];
  const index = results.findIndex(({ adminAccess }) => adminAccess);
  return index === -1 ? undefined : RESULTS.index(index).child('adminAccess');
}

export const createResourceClaimStrategy = (config: ClaimConfig): RESTStrategy<ResourceClaim> => ({
  kind: { group: 'resource.k8s.io', kind: 'ResourceClaim' },
  declared: { type: 'ResourceClaim', load: loadDeclaredRules },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(context, object) {
    object.status = {};
    dropGatedPaths(context, GATED_CLAIM, object, undefined);
  },
  async validate(context, claim) {
    const path = adminAccessPath(claim.spec.devices.requests);
    const errors = await validateAdminAccess(path, claim.metadata.namespace ?? '', config);
    const { validateResourceClaim } = await load();
    return [
      ...errors,
      ...validateResourceClaim(claim, { listAttributes: context.featureEnabled('DRAListTypeAttributes') }),
    ];
  },
  prepareForUpdate(context, object, old) {
    object.status = old.status;
    dropGatedPaths(context, GATED_CLAIM, object, old);
  },
  validateUpdate: async (_context, claim, old) => (await load()).validateResourceClaimUpdate(claim, old),
});

export const createResourceClaimStatusStrategy = (config: ClaimConfig): RESTStrategy<ResourceClaim> => ({
  ...createResourceClaimStrategy(config),
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(context, object, old) {
    object.spec = old.spec;
    dropGatedPaths(context, GATED_STATUS, object, old);
    resetObjectMetaForStatus(object.metadata, old.metadata);
    dropDeallocatedDevices(object, old);
  },
  async validateUpdate(context, claim, old) {
    const path = adminResultPath(old) ? undefined : adminResultPath(claim);
    return [
      ...(await validateAdminAccess(path, claim.metadata.namespace ?? '', config)),
      ...(await authorizeStatus(context, claim, old, config.authorizer)),
      ...(await load()).validateResourceClaimStatusUpdate(claim, old),
    ];
  },
});

/** What isn't allocated any more has no status. */
function dropDeallocatedDevices({ status }: ResourceClaim, { status: old }: ResourceClaim): void {
  const gone = new Set((old.allocation?.devices.results ?? []).map((result) => deviceKey(result)));
  for (const result of status.allocation?.devices.results ?? []) gone.delete(deviceKey(result));
  const kept = (status.devices ?? []).filter((device) => !gone.has(deviceKey(device)));
  if (kept.length > 0) status.devices = kept;
  else delete status.devices;
}
