/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/resource/resourceslice/strategy.go */

import { dropGatedPaths, type GatedPaths } from '../../../apis/gated-paths.ts';
import type { Device, DeviceAttribute, ResourceSlice } from '../../../apis/resource/v1/types.ts';
import { validateResourceSlice } from '../../../apis/resource/validation/resource-slice.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { quote } from '../../../runtime/go-format.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

export const resourceSliceStrategy: RESTStrategy<ResourceSlice> = {
  kind: { group: 'resource.k8s.io', kind: 'ResourceSlice' },
  declared: { type: 'ResourceSlice', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(context, object) {
    object.metadata.generation = 1;
    dropGatedFields(context, object, undefined);
  },
  validate: (_context, slice) => validateResourceSlice(slice),
  warningsOnCreate: (_context, slice) => warnings(slice),
  prepareForUpdate(context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
    dropGatedFields(context, object, old);
  },
  validateUpdate: (_context, slice, old) => validateResourceSlice(slice, old),
  warningsOnUpdate: (_context, slice) => warnings(slice),
};

function warnings({ spec: { driver } }: ResourceSlice): string[] {
  if (driver === driver.toLowerCase()) return [];
  return [`spec.driver: driver names should be lowercase; ${quote(driver)} contains uppercase characters`];
}

const LISTS = ['bools', 'ints', 'strings', 'versions'] as const;
const hasList = (attribute: DeviceAttribute): boolean => LISTS.some((list) => attribute[list] !== undefined);
const attributesOf = ({ attributes }: Device): DeviceAttribute[] => Object.values(attributes ?? {});

const GATED: GatedPaths = {
  DRADeviceCompatibilityGroups: ['spec.devices[].consumesCounters[].compatibilityGroups'],
  DRANodeAllocatableResources: ['spec.devices[].nodeAllocatableResources'],
  DRAOptionalNodeOperations: ['spec.skipNodeOperations'],
  DRAPartitionableDevicesType: ['spec.partitionTypeAttribute'],
};

/** What only stored slices may say where feature gates are off. */
function dropGatedFields(
  { featureEnabled }: Pick<RequestContext, 'featureEnabled'>,
  { spec }: ResourceSlice,
  old: ResourceSlice | undefined,
): void {
  dropGatedPaths({ featureEnabled }, GATED, { spec }, old);
  const stored = old?.spec.devices ?? [];
  if (featureEnabled('DRAListTypeAttributes')) return;
  if (stored.some((device) => attributesOf(device).some(hasList))) return;
  for (const attribute of (spec.devices ?? []).flatMap(attributesOf)) {
    for (const list of LISTS) delete attribute[list];
  }
}
