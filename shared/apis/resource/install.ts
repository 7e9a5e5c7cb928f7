import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import * as v1 from './v1/defaults.ts';
import typesV1 from './v1/types.json?text';
import defaultsV1alpha3 from './v1alpha3/defaults.json?text';
import typesV1alpha3 from './v1alpha3/types.json?text';
import * as conversion from './v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import * as v1beta1 from './v1beta1/defaults.ts';
import typesV1beta1 from './v1beta1/types.json?text';
import defaultsV1beta2 from './v1beta2/defaults.json?text';
import typesV1beta2 from './v1beta2/types.json?text';

const V1 = {
  ResourceClaim: { defaults: v1.setResourceClaimDefaults },
  ResourceClaimTemplate: { defaults: v1.setResourceClaimTemplateDefaults },
  ResourceSlice: { defaults: v1.setResourceSliceDefaults },
  DeviceTaintRule: { defaults: v1.setDeviceTaintRuleDefaults },
};

export const resource: APIGroup = {
  group: 'resource.k8s.io',
  definitions: 'io.k8s.api.resource',
  priority: 16200,
  versions: {
    v1: { types: typesV1, defaults: defaultsV1, priority: 21, kinds: V1 },
    v1beta2: { types: typesV1beta2, defaults: defaultsV1beta2, priority: 15, kinds: V1 },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 9,
      kinds: {
        ResourceClaim: {
          toInternal: conversion.resourceClaimToInternal,
          fromInternal: conversion.resourceClaimFromInternal,
          defaults: v1beta1.setResourceClaimDefaults,
        },
        ResourceClaimTemplate: {
          toInternal: conversion.resourceClaimTemplateToInternal,
          fromInternal: conversion.resourceClaimTemplateFromInternal,
          defaults: v1beta1.setResourceClaimTemplateDefaults,
        },
        ResourceSlice: {
          toInternal: conversion.resourceSliceToInternal,
          fromInternal: conversion.resourceSliceFromInternal,
          defaults: v1beta1.setResourceSliceDefaults,
        },
      },
    },
    v1alpha3: {
      types: typesV1alpha3,
      defaults: defaultsV1alpha3,
      priority: 1,
      kinds: { DeviceTaintRule: V1.DeviceTaintRule },
    },
  },
};
