import type { ControlPlane } from './control-plane.ts';
import type { TenantEntry } from './tenant-directory.ts';

/** What the host of a fleet does for a tenant. All of it may be done again, and then costs little. */
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
  /** Copies all that the tenant has stored to a table where it has nothing. */
  copy(entry: TenantEntry, table: string): Promise<void>;
  /** Removes all that the tenant has stored. */
  purge(entry: TenantEntry): Promise<void>;
}
