/**
 * All admission plugins in execution order: kube-apiserver's current ones, with those of 1.20 in their original
 * positions (https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/options/plugins.go).
 */

import type { AdmissionDependencies, AdmissionPlugin, AdmissionPluginFactory } from './admission.ts';
import { alwaysAdmit } from './plugins/always-admit.ts';
import { alwaysDeny } from './plugins/always-deny.ts';
import { certificateApproval } from './plugins/certificate-approval.ts';
import { certificateSigning } from './plugins/certificate-signing.ts';
import { certificateSubjectRestriction } from './plugins/certificate-subject-restriction.ts';
import { clusterTrustBundleAttest } from './plugins/cluster-trust-bundle-attest.ts';
import { defaultIngressClass } from './plugins/default-ingress-class.ts';
import { defaultStorageClass } from './plugins/default-storage-class.ts';
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.ts';
import { limitRanger } from './plugins/limit-ranger.ts';
import { mutatingAdmissionPolicy } from './plugins/mutating-admission-policy.ts';
import { mutatingAdmissionWebhook } from './plugins/mutating-admission-webhook.ts';
import { namespaceLifecycle } from './plugins/namespace-lifecycle.ts';
import { nodeDeclaredFeatureValidator } from './plugins/node-declared-feature-validator.ts';
import { persistentVolumeClaimResize } from './plugins/persistent-volume-claim-resize.ts';
import { podGroupProtection } from './plugins/pod-group-protection.ts';
import { podResizeValidator } from './plugins/pod-resize-validator.ts';
import { podSecurity } from './plugins/pod-security.ts';
import { podTopologyLabels } from './plugins/pod-topology-labels.ts';
import { priority } from './plugins/priority.ts';
import { resourceQuota } from './plugins/resource-quota.ts';
import { runtimeClass } from './plugins/runtime-class.ts';
import { serviceAccount } from './plugins/service-account.ts';
import { storageObjectInUseProtection } from './plugins/storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition.ts';
import { validatingAdmissionPolicy } from './plugins/validating-admission-policy.ts';
import { validatingAdmissionWebhook } from './plugins/validating-admission-webhook.ts';

export interface InstalledPlugin {
  readonly name: string;
  readonly factory: (dependencies: AdmissionDependencies) => AdmissionPlugin | Promise<AdmissionPlugin>;
  /** Disabled unless `--enable-admission-plugins` names it. */
  readonly isOff?: boolean;
  /**
   * `clients`: plugins configured by clients, which run after all defaulting so that they see the final object. `last`:
   * quota, which must not charge rejected requests. If absent, the plugin runs before these.
   */
  readonly stage?: 'clients' | 'last';
}

/** Loads a rarely used plugin on demand. */
const loaded =
  <N extends string>(
    load: () => Promise<Readonly<Record<N, AdmissionPluginFactory>>>,
    name: N,
  ): InstalledPlugin['factory'] =>
  async (dependencies) =>
    (await load())[name](dependencies);

export const ADMISSION_PLUGINS: readonly InstalledPlugin[] = [
  { name: 'AlwaysAdmit', factory: alwaysAdmit, isOff: true },
  {
    name: 'NamespaceAutoProvision',
    factory: loaded(() => import('./plugins/namespace-auto-provision.ts'), 'namespaceAutoProvision'),
    isOff: true,
  },
  { name: 'NamespaceLifecycle', factory: namespaceLifecycle },
  {
    name: 'NamespaceExists',
    factory: loaded(() => import('./plugins/namespace-exists.ts'), 'namespaceExists'),
    isOff: true,
  },
  {
    name: 'SecurityContextDeny',
    factory: loaded(() => import('./plugins/security-context-deny.ts'), 'securityContextDeny'),
    isOff: true,
  },
  {
    name: 'LimitPodHardAntiAffinityTopology',
    factory: loaded(
      () => import('./plugins/limit-pod-hard-anti-affinity-topology.ts'),
      'limitPodHardAntiAffinityTopology',
    ),
    isOff: true,
  },
  { name: 'LimitRanger', factory: limitRanger },
  { name: 'ServiceAccount', factory: serviceAccount },
  {
    name: 'NodeRestriction',
    factory: loaded(() => import('./plugins/node-restriction.ts'), 'nodeRestriction'),
    isOff: true,
  },
  { name: 'TaintNodesByCondition', factory: taintNodesByCondition },
  {
    name: 'AlwaysPullImages',
    factory: loaded(() => import('./plugins/always-pull-images.ts'), 'alwaysPullImages'),
    isOff: true,
  },
  {
    name: 'ImagePolicyWebhook',
    factory: loaded(() => import('./plugins/image-policy-webhook.ts'), 'imagePolicyWebhook'),
    isOff: true,
  },
  {
    name: 'PodSecurityPolicy',
    factory: loaded(() => import('./plugins/pod-security-policy.ts'), 'podSecurityPolicy'),
    isOff: true,
  },
  { name: 'PodSecurity', factory: podSecurity },
  {
    name: 'PodNodeSelector',
    factory: loaded(() => import('./plugins/pod-node-selector.ts'), 'podNodeSelector'),
    isOff: true,
  },
  { name: 'Priority', factory: priority },
  { name: 'DefaultTolerationSeconds', factory: defaultTolerationSeconds },
  {
    name: 'PodTolerationRestriction',
    factory: loaded(() => import('./plugins/pod-toleration-restriction.ts'), 'podTolerationRestriction'),
    isOff: true,
  },
  {
    name: 'DenyEscalatingExec',
    factory: loaded(() => import('./plugins/deny-exec.ts'), 'denyEscalatingExec'),
    isOff: true,
  },
  {
    name: 'DenyExecOnPrivileged',
    factory: loaded(() => import('./plugins/deny-exec.ts'), 'denyExecOnPrivileged'),
    isOff: true,
  },
  {
    name: 'EventRateLimit',
    factory: loaded(() => import('./plugins/event-rate-limit.ts'), 'eventRateLimit'),
    isOff: true,
  },
  {
    name: 'ExtendedResourceToleration',
    factory: loaded(() => import('./plugins/extended-resource-toleration.ts'), 'extendedResourceToleration'),
    isOff: true,
  },
  {
    name: 'PersistentVolumeLabel',
    factory: loaded(() => import('./plugins/persistent-volume-label.ts'), 'persistentVolumeLabel'),
    isOff: true,
  },
  { name: 'DefaultStorageClass', factory: defaultStorageClass },
  { name: 'StorageObjectInUseProtection', factory: storageObjectInUseProtection },
  { name: 'PodGroupProtection', factory: podGroupProtection },
  {
    name: 'OwnerReferencesPermissionEnforcement',
    factory: loaded(
      () => import('./plugins/owner-references-permission-enforcement.ts'),
      'ownerReferencesPermissionEnforcement',
    ),
    isOff: true,
  },
  { name: 'PersistentVolumeClaimResize', factory: persistentVolumeClaimResize },
  { name: 'RuntimeClass', factory: runtimeClass },
  { name: 'CertificateApproval', factory: certificateApproval },
  { name: 'CertificateSigning', factory: certificateSigning },
  { name: 'ClusterTrustBundleAttest', factory: clusterTrustBundleAttest },
  { name: 'CertificateSubjectRestriction', factory: certificateSubjectRestriction },
  { name: 'DefaultIngressClass', factory: defaultIngressClass },
  {
    name: 'DenyServiceExternalIPs',
    factory: loaded(() => import('./plugins/deny-service-external-ips.ts'), 'denyServiceExternalIPs'),
    isOff: true,
  },
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
