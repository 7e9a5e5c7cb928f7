import { admissionregistrationStorage } from './admissionregistration/rest-storage.ts';
import { apiserverinternalStorage } from './apiserverinternal/rest-storage.ts';
import { appsStorage } from './apps/rest-storage.ts';
import { autoscalingStorage } from './autoscaling/rest-storage.ts';
import { batchStorage } from './batch/rest-storage.ts';
import { certificatesStorage } from './certificates/rest-storage.ts';
import { coordinationStorage } from './coordination/rest-storage.ts';
import { discoveryStorage } from './discovery/rest-storage.ts';
import { extensionsStorage } from './extensions/rest-storage.ts';
import { flowcontrolStorage } from './flowcontrol/rest-storage.ts';
import type { RESTStorageConfig, RESTStorageProvider } from './generic/rest-storage-provider.ts';
import { networkingStorage } from './networking/rest-storage.ts';
import { nodeStorage } from './node/rest-storage.ts';
import { policyStorage } from './policy/rest-storage.ts';
import type { EscalationChecks } from './rbac/escalation-check.ts';
import { createRBACStorage } from './rbac/rest-storage.ts';
import { resourceStorage } from './resource/rest-storage.ts';
import { schedulingStorage } from './scheduling/rest-storage.ts';
import { storageStorage } from './storage/rest-storage.ts';
import { storagemigrationStorage } from './storagemigration/rest-storage.ts';

/** What the groups' storages take from other parts of the server. */
export interface GroupProviderHooks {
  /** Guards writes of roles and their bindings. */
  readonly escalationChecks?: ((config: RESTStorageConfig) => EscalationChecks) | undefined;
}

/** The groups whose resources are stored and nothing more: all but core, events, access and token reviews. */
export const groupProviders = (hooks: GroupProviderHooks = {}): readonly RESTStorageProvider[] => [
  admissionregistrationStorage,
  apiserverinternalStorage,
  appsStorage,
  autoscalingStorage,
  batchStorage,
  certificatesStorage,
  coordinationStorage,
  discoveryStorage,
  extensionsStorage,
  flowcontrolStorage,
  networkingStorage,
  nodeStorage,
  policyStorage,
  createRBACStorage(hooks.escalationChecks),
  resourceStorage,
  schedulingStorage,
  storageStorage,
  storagemigrationStorage,
];
