// Generated from types.json by `npm run generate`. Do not edit.

import type { LabelSelector, ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';
import type { PodTemplateSpec, SELinuxOptions, TypedLocalObjectReference } from '../../core/v1/types.ts';

export interface AllowedCSIDriver {
  name: string;
}

export interface AllowedFlexVolume {
  driver: string;
}

export interface AllowedHostPath {
  pathPrefix?: string | undefined;
  readOnly?: boolean | undefined;
}

export interface DaemonSet {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: DaemonSetSpec;
  status: DaemonSetStatus;
}

export interface DaemonSetCondition {
  type: string;
  status: string;
  lastTransitionTime?: string | undefined;
  reason?: string | undefined;
  message?: string | undefined;
}

export interface DaemonSetList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: DaemonSet[] | null | undefined;
}

export interface DaemonSetSpec {
  selector?: LabelSelector | undefined;
  template: PodTemplateSpec;
  updateStrategy: DaemonSetUpdateStrategy;
  minReadySeconds?: number | undefined;
  templateGeneration?: number | undefined;
  revisionHistoryLimit?: number | undefined;
}

export interface DaemonSetStatus {
  currentNumberScheduled: number;
  numberMisscheduled: number;
  desiredNumberScheduled: number;
  numberReady: number;
  observedGeneration?: number | undefined;
  updatedNumberScheduled?: number | undefined;
  numberAvailable?: number | undefined;
  numberUnavailable?: number | undefined;
  collisionCount?: number | undefined;
  conditions?: DaemonSetCondition[] | undefined;
}

export interface DaemonSetUpdateStrategy {
  type?: string | undefined;
  rollingUpdate?: RollingUpdateDaemonSet | undefined;
}

export interface Deployment {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: DeploymentSpec;
  status: DeploymentStatus;
}

export interface DeploymentCondition {
  type: string;
  status: string;
  lastUpdateTime?: string | undefined;
  lastTransitionTime?: string | undefined;
  reason?: string | undefined;
  message?: string | undefined;
}

export interface DeploymentList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: Deployment[] | null | undefined;
}

export interface DeploymentRollback {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  name: string;
  updatedAnnotations?: Record<string, string> | undefined;
  rollbackTo: RollbackConfig;
}

export interface DeploymentSpec {
  replicas?: number | undefined;
  selector?: LabelSelector | undefined;
  template: PodTemplateSpec;
  strategy: DeploymentStrategy;
  minReadySeconds?: number | undefined;
  revisionHistoryLimit?: number | undefined;
  paused?: boolean | undefined;
  rollbackTo?: RollbackConfig | undefined;
  progressDeadlineSeconds?: number | undefined;
}

export interface DeploymentStatus {
  observedGeneration?: number | undefined;
  replicas?: number | undefined;
  updatedReplicas?: number | undefined;
  readyReplicas?: number | undefined;
  availableReplicas?: number | undefined;
  unavailableReplicas?: number | undefined;
  terminatingReplicas?: number | undefined;
  conditions?: DeploymentCondition[] | undefined;
  collisionCount?: number | undefined;
}

export interface DeploymentStrategy {
  type?: string | undefined;
  rollingUpdate?: RollingUpdateDeployment | undefined;
}

export interface FSGroupStrategyOptions {
  rule?: string | undefined;
  ranges?: IDRange[] | undefined;
}

export interface HTTPIngressPath {
  path?: string | undefined;
  pathType?: string | undefined;
  backend: IngressBackend;
}

export interface HTTPIngressRuleValue {
  paths?: HTTPIngressPath[] | null | undefined;
}

export interface HostPortRange {
  min: number;
  max: number;
}

export interface IDRange {
  min: number;
  max: number;
}

export interface IPBlock {
  cidr: string;
  except?: string[] | undefined;
}

export interface Ingress {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: IngressSpec;
  status: IngressStatus;
}

export interface IngressBackend {
  serviceName?: string | undefined;
  servicePort?: number | string | undefined;
  resource?: TypedLocalObjectReference | undefined;
}

export interface IngressList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: Ingress[] | null | undefined;
}

export interface IngressLoadBalancerIngress {
  ip?: string | undefined;
  hostname?: string | undefined;
  ports?: IngressPortStatus[] | undefined;
}

export interface IngressLoadBalancerStatus {
  ingress?: IngressLoadBalancerIngress[] | undefined;
}

export interface IngressPortStatus {
  port: number;
  protocol: 'SCTP' | 'TCP' | 'UDP' | (string & {});
  error?: string | undefined;
}

export interface IngressRule {
  host?: string | undefined;
  http?: HTTPIngressRuleValue | undefined;
}

export interface IngressRuleValue {
  http?: HTTPIngressRuleValue | undefined;
}

export interface IngressSpec {
  ingressClassName?: string | undefined;
  backend?: IngressBackend | undefined;
  tls?: IngressTLS[] | undefined;
  rules?: IngressRule[] | undefined;
}

export interface IngressStatus {
  loadBalancer: IngressLoadBalancerStatus;
}

export interface IngressTLS {
  hosts?: string[] | undefined;
  secretName?: string | undefined;
}

export interface NetworkPolicy {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: NetworkPolicySpec;
}

export interface NetworkPolicyEgressRule {
  ports?: NetworkPolicyPort[] | undefined;
  to?: NetworkPolicyPeer[] | undefined;
}

export interface NetworkPolicyIngressRule {
  ports?: NetworkPolicyPort[] | undefined;
  from?: NetworkPolicyPeer[] | undefined;
}

export interface NetworkPolicyList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: NetworkPolicy[] | null | undefined;
}

export interface NetworkPolicyPeer {
  podSelector?: LabelSelector | undefined;
  namespaceSelector?: LabelSelector | undefined;
  ipBlock?: IPBlock | undefined;
}

export interface NetworkPolicyPort {
  protocol?: 'SCTP' | 'TCP' | 'UDP' | (string & {}) | undefined;
  port?: number | string | undefined;
  endPort?: number | undefined;
}

export interface NetworkPolicySpec {
  podSelector: LabelSelector;
  ingress?: NetworkPolicyIngressRule[] | undefined;
  egress?: NetworkPolicyEgressRule[] | undefined;
  policyTypes?: string[] | undefined;
}

export interface PodSecurityPolicy {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: PodSecurityPolicySpec;
}

export interface PodSecurityPolicyList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: PodSecurityPolicy[] | null | undefined;
}

export interface PodSecurityPolicySpec {
  privileged?: boolean | undefined;
  defaultAddCapabilities?: string[] | undefined;
  requiredDropCapabilities?: string[] | undefined;
  allowedCapabilities?: string[] | undefined;
  volumes?: string[] | undefined;
  hostNetwork?: boolean | undefined;
  hostPorts?: HostPortRange[] | undefined;
  hostPID?: boolean | undefined;
  hostIPC?: boolean | undefined;
  seLinux: SELinuxStrategyOptions;
  runAsUser: RunAsUserStrategyOptions;
  runAsGroup?: RunAsGroupStrategyOptions | undefined;
  supplementalGroups: SupplementalGroupsStrategyOptions;
  fsGroup: FSGroupStrategyOptions;
  readOnlyRootFilesystem?: boolean | undefined;
  defaultAllowPrivilegeEscalation?: boolean | undefined;
  allowPrivilegeEscalation?: boolean | undefined;
  allowedHostPaths?: AllowedHostPath[] | undefined;
  allowedFlexVolumes?: AllowedFlexVolume[] | undefined;
  allowedCSIDrivers?: AllowedCSIDriver[] | undefined;
  allowedUnsafeSysctls?: string[] | undefined;
  forbiddenSysctls?: string[] | undefined;
  allowedProcMountTypes?: string[] | undefined;
  runtimeClass?: RuntimeClassStrategyOptions | undefined;
}

export interface ReplicaSet {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: ReplicaSetSpec;
  status: ReplicaSetStatus;
}

export interface ReplicaSetCondition {
  type: string;
  status: string;
  lastTransitionTime?: string | undefined;
  reason?: string | undefined;
  message?: string | undefined;
}

export interface ReplicaSetList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: ReplicaSet[] | null | undefined;
}

export interface ReplicaSetSpec {
  replicas?: number | undefined;
  minReadySeconds?: number | undefined;
  selector?: LabelSelector | undefined;
  template: PodTemplateSpec;
}

export interface ReplicaSetStatus {
  replicas: number;
  fullyLabeledReplicas?: number | undefined;
  readyReplicas?: number | undefined;
  availableReplicas?: number | undefined;
  terminatingReplicas?: number | undefined;
  observedGeneration?: number | undefined;
  conditions?: ReplicaSetCondition[] | undefined;
}

export interface RollbackConfig {
  revision?: number | undefined;
}

export interface RollingUpdateDaemonSet {
  maxUnavailable?: number | string | undefined;
  maxSurge?: number | string | undefined;
}

export interface RollingUpdateDeployment {
  maxUnavailable?: number | string | undefined;
  maxSurge?: number | string | undefined;
}

export interface RunAsGroupStrategyOptions {
  rule: string;
  ranges?: IDRange[] | undefined;
}

export interface RunAsUserStrategyOptions {
  rule: string;
  ranges?: IDRange[] | undefined;
}

export interface RuntimeClassStrategyOptions {
  allowedRuntimeClassNames?: string[] | null | undefined;
  defaultRuntimeClassName?: string | undefined;
}

export interface SELinuxStrategyOptions {
  rule: string;
  seLinuxOptions?: SELinuxOptions | undefined;
}

export interface Scale {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: ScaleSpec;
  status: ScaleStatus;
}

export interface ScaleSpec {
  replicas?: number | undefined;
}

export interface ScaleStatus {
  replicas: number;
  selector?: Record<string, string> | undefined;
  targetSelector?: string | undefined;
}

export interface SupplementalGroupsStrategyOptions {
  rule?: string | undefined;
  ranges?: IDRange[] | undefined;
}
