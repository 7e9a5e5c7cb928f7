/**
 * Access to the directory's rows for processes that change tenants: conditional on the row read, and only while no
 * other process works on the tenant.
 */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../util/clock.ts';
import { equalJSON } from '../util/json-equal.ts';
import { type LeasedRow, rejectIfLeased, TURN_MS, withLease } from './leased-row.ts';
import { removing } from './move-tenant.ts';
import type { TenantDirectory, TenantEntry, TenantRow } from './tenant-directory.ts';
import type { TenantHost } from './tenant-host.ts';

export class TenantRows {
  readonly #directory: TenantDirectory;
  readonly #clock: Clock;

  constructor(directory: TenantDirectory, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Rejects with `LeasedElsewhere` while another process works on the tenant. */
  async read(name: string): Promise<TenantRow | undefined> {
    const row = await this.#directory.read(name);
    if (row !== undefined) rejectIfLeased(row, this.#clock);
    return row;
  }

  /** Creates the row unless another process has done so. */
  async begin(entry: TenantEntry): Promise<void> {
    await this.#directory.write(entry, undefined);
  }

  /** Returns the new row; rejects if another process has written meanwhile. */
  readonly put = async (entry: TenantEntry, row: TenantRow): Promise<TenantRow> => {
    if (equalJSON(row.entry, entry)) return row;
    if (!(await this.#directory.write(entry, row)))
      throw new Error(`the directory's row of ${entry.name} was changed meanwhile`);
    return { entry, revision: row.revision + 1 };
  };

  /** Runs `work` while this process holds the row exclusively. Returns the row as it is afterwards. */
  readonly exclusively = (row: TenantRow, work: (held: LeasedRow) => Promise<void>): Promise<TenantRow> => {
    const holding = { directory: this.#directory, clock: this.#clock, newHolder: randomUUID };
    return withLease(row, { ...holding, turnMs: TURN_MS }, work);
  };

  /** Ends requests, then removes the data, then frees the name. */
  async end(row: TenantRow, host: Pick<TenantHost, 'retire' | 'release' | 'purge'>): Promise<void> {
    const ending: TenantEntry = { ...row.entry, state: 'Deleting' };
    const { table, leftovers = [], isRetained } = ending;
    await this.exclusively(row, async (held) => {
      await held.put(ending);
      if (!ending.isRetired) await host.retire(ending);
      await held.put({ ...ending, isRetired: true });
      if (isRetained) await host.release(held.entry);
      for (const one of isRetained ? leftovers : [table, ...leftovers]) {
        await host.purge({ ...held.entry, table: one }, removing(held));
      }
      await held.remove();
    });
  }
}
