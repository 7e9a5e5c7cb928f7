/** Periodically reports the usage of a process's tenants: a log line per tenant, and its row in the fleet's table. */

import type { Logger } from '../util/logger.ts';
import { tenantName } from './tenant-directory.ts';
import { rounded, type TenantUsage, UsageMeter } from './tenant-usage.ts';
import type { UsageRows } from './usage-rows.ts';

export interface FleetMeterOptions {
  readonly rows: Pick<UsageRows, 'add'>;
  /** Writes the log line of one tenant. `name`: the tenant's; `seconds`: length of the period that `usage` covers. */
  readonly tell: (name: string, usage: TenantUsage, seconds: number) => void;
  readonly logger: Pick<Logger, 'error'>;
  /** Milliseconds of a monotonic clock. */
  readonly now?: (() => number) | undefined;
}

const EVERY_MS = 60_000;

export class FleetMeter {
  readonly usage = new UsageMeter();
  readonly #options: FleetMeterOptions;
  readonly #now: () => number;
  #toldAt: number;

  constructor(options: FleetMeterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#toldAt = this.#now();
  }

  /**
   * Reports at most once a minute, however often it is called; with `atOnce` immediately, as when a process exits.
   * Never rejects.
   */
  async flush({ atOnce = false }: { readonly atOnce?: boolean } = {}): Promise<void> {
    const now = this.#now();
    if (!atOnce && now - this.#toldAt < EVERY_MS) return;
    const seconds = (now - this.#toldAt) / 1000;
    this.#toldAt = now;
    const { tell, rows, logger } = this.#options;
    for (const [id, usage] of this.usage.take()) {
      tell(tenantName(id), rounded(usage), Math.round(seconds));
      try {
        await rows.add(id, usage);
      } catch (error) {
        logger.error(`the usage of control plane ${id} can't be added up`, error);
      }
    }
  }
}
