import type { CopyOptions, PurgeOptions } from '../storage/dynamodb/copy-tenant.ts';
import type { ControlPlane } from './control-plane.ts';
import type { TenantEntry } from './tenant-directory.ts';

/** Resolves while the caller may go on; to be asked before every call. */
export type Check = () => Promise<void>;

/** `check` rejects when it is another process' to do, or to be gone on with later. */
export type Removing = PurgeOptions & { readonly check: Check };
export type Copying = CopyOptions & { readonly check: Check };

/**
 * What the host of a fleet does for a tenant. All of it may be done again, and then costs little. What takes longer than
 * a call rejects with `NotYet`, and is done by calling again.
 */
export interface TenantHost {
  /** Where the tenant's data is. */
  tableOf(id: string, isolation: ControlPlane['spec']['isolation']): string;
  endpointOf(name: string): string;
  /** Makes the table unless it is there. */
  provision(entry: TenantEntry): Promise<void>;
  /** What a control plane is born with, and its admins. */
  furnish(entry: TenantEntry, admins: ControlPlane['spec']['admins']): Promise<void>;
  /** Makes the key of that number, which signs from then on, unless it is there. */
  makeSigningKey(entry: TenantEntry, number: number): Promise<void>;
  /** Has the authorities that the entry names, and no others. */
  keepAuthorities(entry: TenantEntry): Promise<void>;
  /** Whether a kubeconfig leads to the tenant, and will for some time; asks nobody. */
  isKubeconfigGood(entry: TenantEntry, kubeconfig: string): boolean;
  newKubeconfig(entry: TenantEntry): Promise<string>;
  /** Resolves when nobody serves the tenant any more; the directory's row says already that nobody shall. */
  retire(entry: TenantEntry): Promise<void>;
  /** Removes what the tenant has stored in a table that stays. */
  clear(entry: TenantEntry, removing: Removing): Promise<void>;
  /** Copies all that the tenant has stored to a table where it has nothing but what was copied before. */
  copy(entry: TenantEntry, table: string, copying: Copying): Promise<void>;
  /** Removes all that the tenant has stored, and the table if it is the tenant's own; all of it may be gone already. */
  purge(entry: TenantEntry, removing: Removing): Promise<void>;
  /** Does what is to be done about a table that stays when its tenant goes. */
  release(entry: TenantEntry): Promise<void>;
  /** Sees to it that what came about while it was suspended is looked at when it serves again. */
  resume(entry: TenantEntry): Promise<void>;
}
