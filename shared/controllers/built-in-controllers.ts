/** The controllers that the API depends on, some of which kube-controller-manager runs as well. */

import type { ResourceAccess } from '../rest/resource-access.ts';
import type { PairIndex } from '../storage/storage.ts';
import { CSRApprovingController, CSRCleaner } from './certificates/csr-controllers.ts';
import { ClusterRoleAggregation } from './cluster-role/cluster-role-aggregation.ts';
import type { Controller } from './controller.ts';
import { GarbageCollector } from './garbage-collector/garbage-collector.ts';
import { NamespaceController } from './namespace/namespace-controller.ts';
import { ServiceCIDRController } from './networking/service-cidr-controller.ts';
import { PodGarbageCollector } from './pod/pod-garbage-collector.ts';
import type { ResourceCatalog } from './resource-catalog.ts';
import { ResourceQuotaController } from './resource-quota/resource-quota-controller.ts';
import { ServiceAccountController } from './service-account/service-account-controller.ts';
import { StorageVersionMigrator } from './storage-version-migration/storage-version-migrator.ts';
import {
  CLAIM_PROTECTION,
  VOLUME_PROTECTION,
  VolumeProtection,
} from './volume-protection/volume-protection.ts';

export interface BuiltInControllersOptions {
  readonly resources: ResourceAccess;
  readonly catalog: ResourceCatalog;
  /** Pairs of owners and dependents (`OWNERS`). */
  readonly owners: PairIndex;
  /** Pairs of resources and their last scan (`SCANS`). */
  readonly scans: PairIndex;
  /** Feature gates, by upstream's names. */
  readonly featureEnabled: (gate: string) => boolean;
}

export function builtInControllers({
  resources,
  catalog,
  owners,
  scans,
  featureEnabled,
}: BuiltInControllersOptions): Controller[] {
  return [
    new NamespaceController(resources, catalog),
    new GarbageCollector({ resources, catalog, owners, scans }),
    new ServiceAccountController(resources),
    new ClusterRoleAggregation(resources),
    new VolumeProtection(resources, CLAIM_PROTECTION),
    new VolumeProtection(resources, VOLUME_PROTECTION),
    new PodGarbageCollector(resources),
    new ResourceQuotaController(resources, featureEnabled),
    new CSRApprovingController(resources),
    new CSRCleaner(resources),
    new ServiceCIDRController(resources),
    new StorageVersionMigrator(resources, catalog),
  ];
}
