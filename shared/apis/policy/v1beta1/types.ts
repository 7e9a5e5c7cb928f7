// Generated from types.json by `npm run generate`. Do not edit.

import type { Condition, DeleteOptions, LabelSelector, ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';
import type { SELinuxOptions } from '../../core/v1/types.ts';

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

export interface Eviction {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  deleteOptions?: DeleteOptions | undefined;
}

export interface FSGroupStrategyOptions {
  rule?: string | undefined;
  ranges?: IDRange[] | undefined;
}

export interface HostPortRange {
  min: number;
  max: number;
}

export interface IDRange {
  min: number;
  max: number;
}

export interface PodDisruptionBudget {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: PodDisruptionBudgetSpec;
  status: PodDisruptionBudgetStatus;
}

export interface PodDisruptionBudgetList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: PodDisruptionBudget[] | null | undefined;
}

export interface PodDisruptionBudgetSpec {
  minAvailable?: number | string | undefined;
  selector?: LabelSelector | undefined;
  maxUnavailable?: number | string | undefined;
  unhealthyPodEvictionPolicy?: 'AlwaysAllow' | 'IfHealthyBudget' | (string & {}) | undefined;
}

export interface PodDisruptionBudgetStatus {
  observedGeneration?: number | undefined;
  disruptedPods?: Record<string, string> | undefined;
  disruptionsAllowed: number;
  currentHealthy: number;
  desiredHealthy: number;
  expectedPods: number;
  conditions?: Condition[] | undefined;
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

export interface SupplementalGroupsStrategyOptions {
  rule?: string | undefined;
  ranges?: IDRange[] | undefined;
}
