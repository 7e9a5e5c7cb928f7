/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/resource/resourceclaim/strategy.go */

import { dropping, type GatedPaths, gatedUnder } from '../../../apis/gated-paths.ts';
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
const REQUESTED = '(exactly|firstAvailable[])';
const ALLOCATED = 'status.allocation.devices.results[]';

/** Also applies to templates, which contain a claim's spec. */
const GATED_SPEC: GatedPaths = {
  DRAAdminAccess: ['devices.requests[].exactly.adminAccess'],
  DRAConsumableCapacity: [
    'devices.constraints[].distinctAttribute',
    `devices.requests[].${REQUESTED}.capacity`,
  ],
  DRADerivedAttributes: [`devices.requests[].${REQUESTED}.derivedAttributes`],
  DRADeviceTaints: [`devices.requests[].${REQUESTED}.tolerations`],
  DRAPrioritizedList: ['devices.requests[].firstAvailable'],
};
const GATED = gatedUnder('spec', GATED_SPEC);
export const GATED_TEMPLATE = gatedUnder('spec.spec', GATED_SPEC);

const CAPACITY = [`${ALLOCATED}.(shareID|consumedCapacity)`, 'status.devices[].shareID'];
const GATED_STATUS: GatedPaths = {
  DRAAdminAccess: {
    drops: [`${ALLOCATED}.adminAccess`],
    usedBy: [`${ALLOCATED}.adminAccess`, 'spec.devices.requests[].exactly.adminAccess'],
  },
  DRAConsumableCapacity: {
    drops: CAPACITY,
    usedBy: [
      ...CAPACITY,
      'spec.devices.constraints[].distinctAttribute',
      `spec.devices.requests[].${REQUESTED}.capacity`,
    ],
  },
  DRADeviceBindingConditions: [`${ALLOCATED}.(bindingConditions|bindingFailureConditions)`],
  DRAOptionalNodeOperations: [`${ALLOCATED}.skipNodeOperations`],
  DRAResourceClaimDeviceStatus: ['status.devices'],
};
const RESULTS = FieldPath.of('status', 'allocation', 'devices', 'results');

/** Device selectors are CEL expressions; the compiler is loaded with the first object that may contain one. */
const load = () => import('../../../apis/resource/validation/resource-claim.ts');

type ClaimConfig = Pick<RESTStorageConfig, 'resources' | 'authorizer'>;

/** The path of the first request for admin access. */
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
  dropDisabledFields: dropping(GATED),
  prepareForCreate(_context, object) {
    object.status = {};
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
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: async (_context, claim, old) => (await load()).validateResourceClaimUpdate(claim, old),
});

export const createResourceClaimStatusStrategy = (config: ClaimConfig): RESTStrategy<ResourceClaim> => ({
  ...createResourceClaimStrategy(config),
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate({ featureEnabled }, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
    if (featureEnabled('DRAResourceClaimDeviceStatus') || old.status.devices?.length) {
      dropDeallocatedDevices(object, old);
    }
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

/** Drops the status of devices that are no longer allocated. */
function dropDeallocatedDevices({ status }: ResourceClaim, { status: old }: ResourceClaim): void {
  const gone = new Set((old.allocation?.devices.results ?? []).map((result) => deviceKey(result)));
  for (const result of status.allocation?.devices.results ?? []) gone.delete(deviceKey(result));
  const kept = (status.devices ?? []).filter((device) => !gone.has(deviceKey(device)));
  if (kept.length > 0) status.devices = kept;
  else delete status.devices;
}
