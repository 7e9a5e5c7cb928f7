import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import * as v1 from './v1/defaults.ts';
import * as conversion from './v1beta1/conversion.ts';
import * as v1beta1 from './v1beta1/defaults.ts';

const V1 = {
  ResourceClaim: { defaults: v1.setResourceClaimDefaults },
  ResourceClaimTemplate: { defaults: v1.setResourceClaimTemplateDefaults },
  ResourceSlice: { defaults: v1.setResourceSliceDefaults },
  DeviceTaintRule: { defaults: v1.setDeviceTaintRuleDefaults },
};

/** Registers resource.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'resource.k8s.io',
    definitions: 'io.k8s.api.resource',
    versions: ['v1', 'v1beta2', 'v1beta1', 'v1alpha3'],
    kinds: {
      v1: V1,
      v1beta2: V1,
      v1beta1: {
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
      v1alpha3: { DeviceTaintRule: V1.DeviceTaintRule },
    },
  });
}
