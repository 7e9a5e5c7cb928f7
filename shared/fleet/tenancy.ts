/**
 * Whether a process may keep serving a tenant. Where many processes serve a fleet, only the directory's row tells that
 * a tenant moves or is deleted: from then on nothing is read or written at its former place, however long a request or
 * a watch has been running.
 */

import { TableError } from '../storage/dynamodb/dynamodb-table.ts';
import type { HintsOf, LogHints } from '../storage/dynamodb/log-hints.ts';
import type { TenantDirectory, TenantEntry } from './tenant-directory.ts';

export interface TenancyOptions {
  readonly entry: TenantEntry;
  readonly directory: Pick<TenantDirectory, 'find' | 'forget'>;
  /** Called once, when the directory says that the tenancy has ended. */
  readonly onEnd: () => void;
}

/** The tenant's data is being moved or deleted. */
const isOver = ({ state, hasArrived }: TenantEntry): boolean =>
  state === 'Deleting' || (state === 'Moving' && !hasArrived);

export class Tenancy {
  readonly #options: TenancyOptions;
  #isOver = false;

  constructor(options: TenancyOptions) {
    this.#options = options;
  }

  /** Must be awaited before every call of the table. Rejects with `TooLate`. */
  readonly check = async (): Promise<void> => {
    const { entry, directory, onEnd } = this.#options;
    const { name, id, table } = entry;
    if (!this.#isOver) {
      const now = await directory.find(name);
      if (now?.id === id && now.table === table && !isOver(now)) return;
      if (!this.#isOver) onEnd();
      this.#isOver = true;
    }
    throw new TableError('TooLate', `control plane ${name} is not served by table ${table} any more`);
  };

  /** Wraps `hintsOf` so that its listeners also check the tenancy when `changes` reports a change. */
  checkedByHints(hintsOf: HintsOf, changes: LogHints | undefined): HintsOf {
    const hear = changes?.listen;
    if (hear === undefined) return hintsOf;
    const look = (): void => {
      this.#options.directory.forget(this.#options.entry.name);
      // A rejection is ignored here: the next caller of `check` gets it.
      this.check().catch(() => undefined);
    };
    return (prefix) => {
      const hints = hintsOf(prefix);
      const listen = hints?.listen;
      if (hints === undefined || listen === undefined) return hints;
      return {
        publish: (revision) => hints.publish(revision),
        listen: (told) => {
          const ends = [listen(told), hear(look)];
          return () => {
            for (const end of ends) end();
          };
        },
      };
    };
  }
}
