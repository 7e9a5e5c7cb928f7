/** Tells now and then what the tenants of a process took: a line of the log each, and their rows. */

import type { Logger } from '../util/logger.ts';
import { tenantName } from './tenant-directory.ts';
import { rounded, type TenantUsage, UsageMeter } from './tenant-usage.ts';
import type { UsageRows } from './usage-rows.ts';

export interface FleetMeterOptions {
  readonly rows: Pick<UsageRows, 'add'>;
  /** Writes the line of one tenant. `name`: the tenant's; `seconds`: in which it took that. */
  readonly tell: (name: string, usage: TenantUsage, seconds: number) => void;
  readonly logger: Pick<Logger, 'error'>;
  /** Milliseconds of a clock that never goes back. */
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

  /** Once a minute, however often it is called; `atOnce`: now, as at the end of a process. Never rejects. */
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
