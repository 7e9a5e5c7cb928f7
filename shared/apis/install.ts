import type { Scheme } from '../runtime/scheme.ts';
import { install as installAdmission } from './admission/install.ts';
import { install as installAdmissionregistration } from './admissionregistration/install.ts';
import { install as installApidiscovery } from './apidiscovery/install.ts';
import { install as installApiextensions } from './apiextensions/install.ts';
import { install as installApiregistration } from './apiregistration/install.ts';
import { install as installApiserverinternal } from './apiserverinternal/install.ts';
import { install as installApps } from './apps/install.ts';
import { install as installAuthentication } from './authentication/install.ts';
import { install as installAuthorization } from './authorization/install.ts';
import { install as installAutoscaling } from './autoscaling/install.ts';
import { install as installBatch } from './batch/install.ts';
import { install as installCertificates } from './certificates/install.ts';
import { install as installCoordination } from './coordination/install.ts';
import { install as installCore } from './core/install.ts';
import { install as installDiscovery } from './discovery/install.ts';
import { install as installEvents } from './events/install.ts';
import { install as installExtensions } from './extensions/install.ts';
import { install as installFlowcontrol } from './flowcontrol/install.ts';
import { install as installImagepolicy } from './imagepolicy/install.ts';
import { install as installLifecycle } from './lifecycle/install.ts';
import { installMeta } from './meta/install.ts';
import { install as installNetworking } from './networking/install.ts';
import { install as installNode } from './node/install.ts';
import { install as installPolicy } from './policy/install.ts';
import { install as installRbac } from './rbac/install.ts';
import { install as installResource } from './resource/install.ts';
import { install as installScheduling } from './scheduling/install.ts';
import { install as installStorage } from './storage/install.ts';
import { install as installStoragemigration } from './storagemigration/install.ts';

/** Every group, core first. */
const INSTALLERS = [
  installCore,
  installAdmission,
  installAdmissionregistration,
  installApidiscovery,
  installApiextensions,
  installApiregistration,
  installApiserverinternal,
  installApps,
  installAuthentication,
  installAuthorization,
  installAutoscaling,
  installBatch,
  installCertificates,
  installCoordination,
  installDiscovery,
  installEvents,
  installExtensions,
  installFlowcontrol,
  installImagepolicy,
  installLifecycle,
  installNetworking,
  installNode,
  installPolicy,
  installRbac,
  installResource,
  installScheduling,
  installStorage,
  installStoragemigration,
];

/** Registers all of the built-in API: what is served, and what only travels inside requests (AdmissionReview). */
export function installAll(scheme: Scheme): void {
  installMeta(scheme);
  for (const install of INSTALLERS) install(scheme);
}
