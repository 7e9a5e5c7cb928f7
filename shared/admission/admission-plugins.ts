/**
 * All admission plugins, in the order in which they run: kube-apiserver's of today, with those that 1.20 still had at
 * their places (https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/options/plugins.go).
 */

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
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.ts';
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

export interface InstalledPlugin {
  readonly name: string;
  readonly factory: AdmissionPluginFactory;
  /** Runs only where `--enable-admission-plugins` names it. */
  readonly isOff?: boolean;
  /**
   * `clients`: what clients configure, behind everything that sets defaults, so that it sees the final object.
   * `last`: what is refused must not be charged. Absent: before them.
   */
  readonly stage?: 'clients' | 'last';
}

export const ADMISSION_PLUGINS: readonly InstalledPlugin[] = [
  { name: 'AlwaysAdmit', factory: alwaysAdmit, isOff: true },
  { name: 'NamespaceAutoProvision', factory: namespaceAutoProvision, isOff: true },
  { name: 'NamespaceLifecycle', factory: namespaceLifecycle },
  { name: 'NamespaceExists', factory: namespaceExists, isOff: true },
  { name: 'SecurityContextDeny', factory: securityContextDeny, isOff: true },
  { name: 'LimitPodHardAntiAffinityTopology', factory: limitPodHardAntiAffinityTopology, isOff: true },
  { name: 'LimitRanger', factory: limitRanger },
  { name: 'ServiceAccount', factory: serviceAccount },
  { name: 'NodeRestriction', factory: nodeRestriction, isOff: true },
  { name: 'TaintNodesByCondition', factory: taintNodesByCondition },
  { name: 'AlwaysPullImages', factory: alwaysPullImages, isOff: true },
  { name: 'ImagePolicyWebhook', factory: imagePolicyWebhook, isOff: true },
  { name: 'PodSecurityPolicy', factory: podSecurityPolicy, isOff: true },
  { name: 'PodSecurity', factory: podSecurity },
  { name: 'PodNodeSelector', factory: podNodeSelector, isOff: true },
  { name: 'Priority', factory: priority },
  { name: 'DefaultTolerationSeconds', factory: defaultTolerationSeconds },
  { name: 'PodTolerationRestriction', factory: podTolerationRestriction, isOff: true },
  { name: 'DenyEscalatingExec', factory: denyEscalatingExec, isOff: true },
  { name: 'DenyExecOnPrivileged', factory: denyExecOnPrivileged, isOff: true },
  { name: 'EventRateLimit', factory: eventRateLimit, isOff: true },
  { name: 'ExtendedResourceToleration', factory: extendedResourceToleration, isOff: true },
  { name: 'PersistentVolumeLabel', factory: persistentVolumeLabel, isOff: true },
  { name: 'DefaultStorageClass', factory: defaultStorageClass },
  { name: 'StorageObjectInUseProtection', factory: storageObjectInUseProtection },
  { name: 'PodGroupProtection', factory: podGroupProtection },
  {
    name: 'OwnerReferencesPermissionEnforcement',
    factory: ownerReferencesPermissionEnforcement,
    isOff: true,
  },
  { name: 'PersistentVolumeClaimResize', factory: persistentVolumeClaimResize },
  { name: 'RuntimeClass', factory: runtimeClass },
  { name: 'CertificateApproval', factory: certificateApproval },
  { name: 'CertificateSigning', factory: certificateSigning },
  { name: 'ClusterTrustBundleAttest', factory: clusterTrustBundleAttest },
  { name: 'CertificateSubjectRestriction', factory: certificateSubjectRestriction },
  { name: 'DefaultIngressClass', factory: defaultIngressClass },
  { name: 'DenyServiceExternalIPs', factory: denyServiceExternalIPs, isOff: true },
  { name: 'PodTopologyLabels', factory: podTopologyLabels },
  { name: 'NodeDeclaredFeatureValidator', factory: nodeDeclaredFeatureValidator },
  { name: 'PodResizeValidator', factory: podResizeValidator },
  { name: 'MutatingAdmissionPolicy', factory: mutatingAdmissionPolicy, stage: 'clients' },
  { name: 'MutatingAdmissionWebhook', factory: mutatingAdmissionWebhook, stage: 'clients' },
  { name: 'ValidatingAdmissionPolicy', factory: validatingAdmissionPolicy, stage: 'clients' },
  { name: 'ValidatingAdmissionWebhook', factory: validatingAdmissionWebhook, stage: 'clients' },
  { name: 'ResourceQuota', factory: resourceQuota, stage: 'last' },
  { name: 'AlwaysDeny', factory: alwaysDeny, isOff: true, stage: 'last' },
];
