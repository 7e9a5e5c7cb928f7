import type { CopyOptions, PurgeOptions } from '../storage/dynamodb/copy-tenant.ts';
import type { ControlPlane } from './control-plane.ts';
import type { TenantFiles } from './tenant-configuration.ts';
import type { TenantEntry } from './tenant-directory.ts';

/** Resolves while the caller may continue; to be awaited before every call. */
export type Check = () => Promise<void>;

/** `check` rejects when another process has taken over, or when the work is to be resumed later. */
export type Removing = PurgeOptions & { readonly check: Check };
export type Copying = CopyOptions & { readonly check: Check };

/**
 * The operations a fleet's host performs for a tenant. All are idempotent, and cheap when repeated. Work that outlasts
 * a call rejects with `NotYet`, and is continued by calling again.
 */
export interface TenantHost {
  /** Name of the table that holds the tenant's data. */
  tableOf(id: string, isolation: ControlPlane['spec']['isolation']): string;
  endpointOf(name: string): string;
  /** Stores the files that the entry names. `former`: those of the directory's row. */
  keepFiles(entry: TenantEntry, files: TenantFiles, former: string | undefined): Promise<void>;
  /** Creates the table unless it exists. */
  provision(entry: TenantEntry): Promise<void>;
  /** Creates the objects that every control plane starts with, and binds its admins. */
  furnish(entry: TenantEntry, admins: ControlPlane['spec']['admins']): Promise<void>;
  /** Creates the key with that number unless it exists; it signs from then on. */
  makeSigningKey(entry: TenantEntry, number: number): Promise<void>;
  /** Creates the authorities that the entry names, and removes all others. */
  keepAuthorities(entry: TenantEntry): Promise<void>;
  /** Whether a kubeconfig reaches the tenant and stays valid for some time; makes no request. */
  isKubeconfigGood(entry: TenantEntry, kubeconfig: string): boolean;
  newKubeconfig(entry: TenantEntry): Promise<string>;
  /** Resolves when no process serves the tenant any more; the directory's row already forbids it. */
  retire(entry: TenantEntry): Promise<void>;
  /** Removes everything the tenant has stored in a table that is kept. */
  clear(entry: TenantEntry, removing: Removing): Promise<void>;
  /** Copies everything the tenant has stored to a table that holds nothing of it but an earlier, partial copy. */
  copy(entry: TenantEntry, table: string, copying: Copying): Promise<void>;
  /**
   * Removes everything the tenant has stored, and the table if it is the tenant's own; all of it may be gone already.
   */
  purge(entry: TenantEntry, removing: Removing): Promise<void>;
  /** Cleans up for a table that is kept when its tenant is deleted. */
  release(entry: TenantEntry): Promise<void>;
  /** Makes sure that work that became due while the tenant was suspended is done when it serves again. */
  resume(entry: TenantEntry): Promise<void>;
}
