/** `ControlPlane`, the custom resource of a fleet's management plane: a tenant, as its owner asks for it. */

import type { KubeObject } from '../meta/kube-object.ts';
import type { Condition } from '../meta/v1/types.ts';
import type { TenantLimits } from './tenant-limits.ts';
import type { TenantUsage } from './tenant-usage.ts';

export const CONTROL_PLANES = { group: 'zeroplane.dev', version: 'v1alpha1', resource: 'controlplanes' };

/** Exactly one of the fields. */
export interface Admin {
  /** ARN of an IAM role or user. */
  readonly iam?: string;
  readonly user?: string;
  readonly group?: string;
}

/** What the schema doesn't ask for has been filled in by its defaults. */
export interface ControlPlaneSpec {
  /** The Kubernetes minor that the tenant sees: `1.37`. */
  readonly version: string;
  /** Flags of kube-apiserver, each with its value: `--authorization-mode=RBAC`. */
  readonly arguments: readonly string[];
  readonly admins: readonly Admin[];
  /** Shared: rows of the fleet's table. Dedicated: a table of its own. */
  readonly isolation: 'Shared' | 'Dedicated';
  /** Number of the key that signs service accounts' tokens; those before it verify. */
  readonly signingKey?: number;
  /** Number of the authority that signs certificates, and of the first of those that are trusted. */
  readonly signingAuthority?: number;
  readonly oldestAuthority?: number;
  /** Whether the data goes with the object. */
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
  /** Since it was made; `objects` and `storageBytes`: what it stores. */
  readonly usage?: TenantUsage & StoredUsage;
}

export interface ControlPlane extends KubeObject {
  readonly spec: ControlPlaneSpec;
  readonly status?: ControlPlaneStatus;
}

export const DEFAULT_ARGUMENTS: readonly string[] = ['--authorization-mode=RBAC'];

/** A label of a host name, with room for what is put before and after it. */
export const TENANT_NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

/** The management plane: its host name below the fleet's domain, and what its keys in the fleet's table begin with. */
export const MANAGEMENT_PLANE = 'fleet';

/** Name of the placeholder tenant, which answers requests for tenants that don't exist. */
export const PLACEHOLDER_TENANT = 'nobody';

/** Names that would be taken for parts of the fleet itself. */
export const RESERVED_NAMES = [
  'api',
  MANAGEMENT_PLANE,
  'kubernetes',
  'localhost',
  PLACEHOLDER_TENANT,
  'tenants',
  'www',
  'zeroplane',
];
