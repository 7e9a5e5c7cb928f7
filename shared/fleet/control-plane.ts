/** `ControlPlane`, the custom resource of a fleet's management plane: a tenant, as specified by its owner. */

import type { KubeObject } from '../meta/kube-object.ts';
import type { Condition } from '../meta/v1/types.ts';
import type { TenantConfigurations } from './tenant-configuration.ts';
import type { TenantLimits } from './tenant-limits.ts';
import type { TenantUsage } from './tenant-usage.ts';

export const CONTROL_PLANES = { group: 'zeroplane.dev', version: 'v1alpha1', resource: 'controlplanes' };

/** Exactly one field is set. */
export interface Admin {
  /** ARN of an IAM role or user. */
  readonly iam?: string;
  readonly user?: string;
  readonly group?: string;
}

/** Optional fields of the schema are filled in by its defaults. */
export interface ControlPlaneSpec extends TenantConfigurations {
  /** The Kubernetes minor version served to the tenant: `1.37`. */
  readonly version: string;
  /** Flags of kube-apiserver in the form `--flag=value`: `--authorization-mode=RBAC`. */
  readonly arguments: readonly string[];
  readonly admins: readonly Admin[];
  /** A Secret in the same namespace, whose keys are names of files that arguments and configurations may use. */
  readonly files?: { readonly secret: string };
  /** Shared: rows of the fleet's table. Dedicated: a table of its own. */
  readonly isolation: 'Shared' | 'Dedicated';
  /** Number of the key that signs service account tokens; lower-numbered keys only verify. */
  readonly signingKey?: number;
  /** Numbers of the authority that signs certificates, and of the oldest authority that is still trusted. */
  readonly signingAuthority?: number;
  readonly oldestAuthority?: number;
  /** Whether the data is deleted with the object. */
  readonly deletionPolicy: 'Delete' | 'Retain';
  readonly suspended: boolean;
  /** `storageBytes` is a quantity. */
  readonly limits?: Omit<TenantLimits, 'storageBytes'> & { readonly storageBytes?: string | number };
}

export interface StoredUsage {
  readonly objects?: number;
  readonly storageBytes?: number;
}

export interface ControlPlaneStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly endpoint?: string;
  readonly kubeconfig?: { readonly secret: string };
  readonly storage?: { readonly id: string; readonly table: string };
  /** Totals since the tenant was created; `objects` and `storageBytes`: the current amounts. */
  readonly usage?: TenantUsage & StoredUsage;
}

export interface ControlPlane extends KubeObject {
  readonly spec: ControlPlaneSpec;
  readonly status?: ControlPlaneStatus;
}

export const DEFAULT_ARGUMENTS: readonly string[] = ['--authorization-mode=RBAC'];

/** A DNS label, short enough to leave room for a prefix and suffix. */
export const TENANT_NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;
export const NAME_RULE = "lower-case letters, digits and '-', at most 40";

/** Name of the management plane: its host name below the fleet's domain, and its key prefix in the fleet's table. */
export const MANAGEMENT_PLANE = 'fleet';

/** Name of the placeholder tenant, which answers requests for tenants that don't exist. */
export const PLACEHOLDER_TENANT = 'nobody';

/** Names that could be mistaken for parts of the fleet itself. */
export const RESERVED_NAMES = [
  'api',
  MANAGEMENT_PLANE,
  'kubernetes',
  'localhost',
  'management',
  PLACEHOLDER_TENANT,
  'tenants',
  'www',
  'zeroplane',
];
