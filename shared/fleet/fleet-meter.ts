/** Periodically reports the usage of a process's tenants: a log line per tenant, and its row in the fleet's table. */

import type { Logger } from '../util/logger.ts';
import { tenantName } from './tenant-directory.ts';
import { rounded, type TenantUsage, UsageMeter } from './tenant-usage.ts';
import type { UsageRows } from './usage-rows.ts';

export interface FleetMeterOptions {
  readonly rows: Pick<UsageRows, 'add'>;
  /** Writes the log line of one tenant. `name`: the tenant's; `seconds`: length of the period that `usage` covers. */
  readonly report: (name: string, usage: TenantUsage, seconds: number) => void;
  readonly logger: Pick<Logger, 'error'>;
  /** Milliseconds of a monotonic clock. */
  readonly now?: (() => number) | undefined;
}

const EVERY_MS = 60_000;

export class FleetMeter {
  readonly usage = new UsageMeter();
  readonly #options: FleetMeterOptions;
  readonly #now: () => number;
  #reportedAt: number;

  constructor(options: FleetMeterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#reportedAt = this.#now();
  }

  /**
   * Reports at most once a minute, however often it is called; with `atOnce` immediately, as when a process exits.
   * Never rejects.
   */
  async flush({ atOnce = false }: { readonly atOnce?: boolean } = {}): Promise<void> {
    const now = this.#now();
    if (!atOnce && now - this.#reportedAt < EVERY_MS) return;
    const seconds = (now - this.#reportedAt) / 1000;
    this.#reportedAt = now;
    const { report, rows, logger } = this.#options;
    for (const [id, usage] of this.usage.take()) {
      report(tenantName(id), rounded(usage), Math.round(seconds));
      try {
        await rows.add(id, usage);
      } catch (error) {
        logger.error(`the usage of control plane ${id} can't be recorded`, error);
      }
    }
  }
}
