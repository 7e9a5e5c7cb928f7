/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/resource/resourceslice/strategy.go */

import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import type { ResourceSlice } from '../../../apis/resource/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { quote } from '../../../runtime/go-format.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/resource/validation/resource-slice.ts'));

const BINDING = ['spec.devices[].(bindingConditions|bindingFailureConditions|bindsToNode)'];

/** Fields that are dropped while their feature gates are off, unless the stored slice has them. */
const GATED: GatedPaths = {
  DRAConsumableCapacity: [
    'spec.devices[].allowMultipleAllocations',
    'spec.devices[].capacity{}.requestPolicy',
  ],
  DRADeviceBindingConditions: BINDING,
  DRADeviceCompatibilityGroups: ['spec.devices[].consumesCounters[].compatibilityGroups'],
  DRADeviceTaints: ['spec.devices[].taints'],
  DRAListTypeAttributes: ['spec.devices[].attributes{}.(bools|ints|strings|versions)'],
  DRANodeAllocatableResources: {
    drops: ['spec.devices[].nodeAllocatableResources'],
    usedBy: ['spec.devices[].nodeAllocatableResources{}'],
  },
  DRAOptionalNodeOperations: ['spec.skipNodeOperations'],
  DRAPartitionableDevices: [
    'spec.(sharedCounters|perDeviceNodeSelection)',
    'spec.devices[].(consumesCounters|nodeName|nodeSelector|allNodes)',
  ],
  DRAPartitionableDevicesType: ['spec.partitionTypeAttribute'],
  DRAResourceClaimDeviceStatus: BINDING,
};

export const resourceSliceStrategy: RESTStrategy<ResourceSlice> = {
  kind: { group: 'resource.k8s.io', kind: 'ResourceSlice' },
  declared: { type: 'ResourceSlice', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  dropDisabledFields: dropping(GATED),
  preparesUndropped: true,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: async (context, slice) => (await loadRules()).validateResourceSlice(context, slice),
  warningsOnCreate: (_context, slice) => warnings(slice),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (context, slice, old) =>
    (await loadRules()).validateResourceSlice(context, slice, old),
  warningsOnUpdate: (_context, slice) => warnings(slice),
};

function warnings({ spec: { driver } }: ResourceSlice): string[] {
  if (driver === driver.toLowerCase()) return [];
  return [`spec.driver: driver names should be lowercase; ${quote(driver)} contains uppercase characters`];
}
