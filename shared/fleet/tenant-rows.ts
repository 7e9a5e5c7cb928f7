/** The directory's rows as whoever changes tenants writes them: over what was read, and only while nobody else is at work. */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../util/clock.ts';
import { equalJSON } from '../util/json-equal.ts';
import { type HeldRow, refuseHeld, TURN_MS, whileHolding } from './held-row.ts';
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

  /** Rejects with `HeldElsewhere` while another process works on the tenant. */
  async read(name: string): Promise<TenantRow | undefined> {
    const row = await this.#directory.read(name);
    if (row !== undefined) refuseHeld(row, this.#clock);
    return row;
  }

  /** Where there is none; another may have been faster. */
  async begin(entry: TenantEntry): Promise<void> {
    await this.#directory.write(entry, undefined);
  }

  /** Returns what stands then; rejects if another has written meanwhile. */
  readonly put = async (entry: TenantEntry, row: TenantRow): Promise<TenantRow> => {
    if (equalJSON(row.entry, entry)) return row;
    if (!(await this.#directory.write(entry, row)))
      throw new Error(`the directory's row of ${entry.name} was changed meanwhile`);
    return { entry, revision: row.revision + 1 };
  };

  /** For as long as it is this process' alone to work on. Returns the row as it is then. */
  readonly alone = (row: TenantRow, work: (held: HeldRow) => Promise<void>): Promise<TenantRow> => {
    const holding = { directory: this.#directory, clock: this.#clock, newHolder: randomUUID };
    return whileHolding(row, { ...holding, turnMs: TURN_MS }, work);
  };

  /** Requests end, then the data goes, then the name is free. */
  async end(row: TenantRow, host: Pick<TenantHost, 'retire' | 'release' | 'purge'>): Promise<void> {
    const ending: TenantEntry = { ...row.entry, state: 'Deleting' };
    const { table, leftovers = [], isRetained } = ending;
    await this.alone(row, async (held) => {
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
