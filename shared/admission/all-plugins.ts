/** Every plugin there is (upstream's `RegisterAllAdmissionPlugins`); the order in which they run is another table's. */

import type { AdmissionPluginFactory } from './admission.ts';
import { alwaysAdmit } from './plugins/always-admit.ts';
import { alwaysDeny } from './plugins/always-deny.ts';
import { alwaysPullImages } from './plugins/always-pull-images.ts';
import { certificateApproval } from './plugins/certificate-approval.ts';
import { certificateSigning } from './plugins/certificate-signing.ts';
import { certificateSubjectRestriction } from './plugins/certificate-subject-restriction.ts';
import { clusterTrustBundleAttest } from './plugins/cluster-trust-bundle-attest.ts';
import { defaultIngressClass } from './plugins/default-ingress-class.ts';
import { defaultStorageClass } from './plugins/default-storage-class.ts';
import { defaultTolerationSeconds, type TolerationSeconds } from './plugins/default-toleration-seconds.ts';
import { denyEscalatingExec, denyExecOnPrivileged } from './plugins/deny-exec.ts';
import { denyServiceExternalIPs } from './plugins/deny-service-external-ips.ts';
import { eventRateLimit } from './plugins/event-rate-limit.ts';
import { extendedResourceToleration } from './plugins/extended-resource-toleration.ts';
import { imagePolicyWebhook } from './plugins/image-policy-webhook.ts';
import { limitPodHardAntiAffinityTopology } from './plugins/limit-pod-hard-anti-affinity-topology.ts';
import { limitRanger } from './plugins/limit-ranger.ts';
import { mutatingAdmissionPolicy } from './plugins/mutating-admission-policy.ts';
import { mutatingAdmissionWebhook } from './plugins/mutating-admission-webhook.ts';
import { namespaceAutoProvision } from './plugins/namespace-auto-provision.ts';
import { namespaceExists } from './plugins/namespace-exists.ts';
import { namespaceLifecycle } from './plugins/namespace-lifecycle.ts';
import { nodeDeclaredFeatureValidator } from './plugins/node-declared-feature-validator.ts';
import { nodeRestriction } from './plugins/node-restriction.ts';
import { ownerReferencesPermissionEnforcement } from './plugins/owner-references-permission-enforcement.ts';
import { persistentVolumeClaimResize } from './plugins/persistent-volume-claim-resize.ts';
import { persistentVolumeLabel } from './plugins/persistent-volume-label.ts';
import { podGroupProtection } from './plugins/pod-group-protection.ts';
import { podNodeSelector } from './plugins/pod-node-selector.ts';
import { podResizeValidator } from './plugins/pod-resize-validator.ts';
import { podSecurity } from './plugins/pod-security.ts';
import { podSecurityPolicy } from './plugins/pod-security-policy.ts';
import { podTolerationRestriction } from './plugins/pod-toleration-restriction.ts';
import { podTopologyLabels } from './plugins/pod-topology-labels.ts';
import { priority } from './plugins/priority.ts';
import { resourceQuota } from './plugins/resource-quota.ts';
import { runtimeClass } from './plugins/runtime-class.ts';
import { securityContextDeny } from './plugins/security-context-deny.ts';
import { serviceAccount } from './plugins/service-account.ts';
import { storageObjectInUseProtection } from './plugins/storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition.ts';
import { validatingAdmissionPolicy } from './plugins/validating-admission-policy.ts';
import { validatingAdmissionWebhook } from './plugins/validating-admission-webhook.ts';
import { AdmissionPlugins } from './plugins.ts';

const FACTORIES: readonly (readonly [name: string, factory: AdmissionPluginFactory])[] = [
  ['AlwaysAdmit', alwaysAdmit],
  ['AlwaysDeny', alwaysDeny],
  ['AlwaysPullImages', alwaysPullImages],
  ['CertificateApproval', certificateApproval],
  ['CertificateSigning', certificateSigning],
  ['CertificateSubjectRestriction', certificateSubjectRestriction],
  ['ClusterTrustBundleAttest', clusterTrustBundleAttest],
  ['DefaultIngressClass', defaultIngressClass],
  ['DefaultStorageClass', defaultStorageClass],
  ['DenyEscalatingExec', denyEscalatingExec],
  ['DenyExecOnPrivileged', denyExecOnPrivileged],
  ['DenyServiceExternalIPs', denyServiceExternalIPs],
  ['EventRateLimit', eventRateLimit],
  ['ExtendedResourceToleration', extendedResourceToleration],
  ['ImagePolicyWebhook', imagePolicyWebhook],
  ['LimitPodHardAntiAffinityTopology', limitPodHardAntiAffinityTopology],
  ['LimitRanger', limitRanger],
  ['MutatingAdmissionPolicy', mutatingAdmissionPolicy],
  ['MutatingAdmissionWebhook', mutatingAdmissionWebhook],
  ['NamespaceAutoProvision', namespaceAutoProvision],
  ['NamespaceExists', namespaceExists],
  ['NamespaceLifecycle', namespaceLifecycle],
  ['NodeDeclaredFeatureValidator', nodeDeclaredFeatureValidator],
  ['NodeRestriction', nodeRestriction],
  ['OwnerReferencesPermissionEnforcement', ownerReferencesPermissionEnforcement],
  ['PersistentVolumeClaimResize', persistentVolumeClaimResize],
  ['PersistentVolumeLabel', persistentVolumeLabel],
  ['PodGroupProtection', podGroupProtection],
  ['PodNodeSelector', podNodeSelector],
  ['PodResizeValidator', podResizeValidator],
  ['PodSecurity', podSecurity],
  ['PodSecurityPolicy', podSecurityPolicy],
  ['PodTolerationRestriction', podTolerationRestriction],
  ['PodTopologyLabels', podTopologyLabels],
  ['Priority', priority],
  ['ResourceQuota', resourceQuota],
  ['RuntimeClass', runtimeClass],
  ['SecurityContextDeny', securityContextDeny],
  ['ServiceAccount', serviceAccount],
  ['StorageObjectInUseProtection', storageObjectInUseProtection],
  ['TaintNodesByCondition', taintNodesByCondition],
  ['ValidatingAdmissionPolicy', validatingAdmissionPolicy],
  ['ValidatingAdmissionWebhook', validatingAdmissionWebhook],
];

export interface PluginFlags {
  readonly tolerationSeconds?: TolerationSeconds;
}

/** `flags`: of plugins that have some. */
export function allAdmissionPlugins({ tolerationSeconds }: PluginFlags = {}): AdmissionPlugins {
  const plugins = new AdmissionPlugins();
  plugins.register('DefaultTolerationSeconds', defaultTolerationSeconds(tolerationSeconds));
  for (const [name, factory] of FACTORIES) plugins.register(name, factory);
  return plugins;
}
