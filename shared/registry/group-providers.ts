import { admissionregistrationStorage } from './admissionregistration/rest-storage.ts';
import { apiserverinternalStorage } from './apiserverinternal/rest-storage.ts';
import { appsStorage } from './apps/rest-storage.ts';
import { authenticationStorage } from './authentication/rest-storage.ts';
import { authorizationStorage } from './authorization/rest-storage.ts';
import { autoscalingStorage } from './autoscaling/rest-storage.ts';
import { batchStorage } from './batch/rest-storage.ts';
import { certificatesStorage } from './certificates/rest-storage.ts';
import { coordinationStorage } from './coordination/rest-storage.ts';
import { eventsStorage } from './core/event/rest-storage.ts';
import { coreStorage } from './core/rest-storage.ts';
import { discoveryStorage } from './discovery/rest-storage.ts';
import { extensionsStorage } from './extensions/rest-storage.ts';
import { flowcontrolStorage } from './flowcontrol/rest-storage.ts';
import type { RESTStorageProvider } from './generic/rest-storage-provider.ts';
import { lifecycleStorage } from './lifecycle/rest-storage.ts';
import { networkingStorage } from './networking/rest-storage.ts';
import { nodeStorage } from './node/rest-storage.ts';
import { policyStorage } from './policy/rest-storage.ts';
import { createRBACStorage } from './rbac/rest-storage.ts';
import { resourceStorage } from './resource/rest-storage.ts';
import { schedulingStorage } from './scheduling/rest-storage.ts';
import { storageStorage } from './storage/rest-storage.ts';
import { storagemigrationStorage } from './storagemigration/rest-storage.ts';

/** The groups of kube-apiserver. */
export const groupProviders = (): readonly RESTStorageProvider[] => [
  coreStorage,
  admissionregistrationStorage,
  apiserverinternalStorage,
  appsStorage,
  authenticationStorage,
  authorizationStorage,
  autoscalingStorage,
  batchStorage,
  certificatesStorage,
  coordinationStorage,
  discoveryStorage,
  eventsStorage,
  extensionsStorage,
  flowcontrolStorage,
  lifecycleStorage,
  networkingStorage,
  nodeStorage,
  policyStorage,
  createRBACStorage(),
  resourceStorage,
  schedulingStorage,
  storageStorage,
  storagemigrationStorage,
];
