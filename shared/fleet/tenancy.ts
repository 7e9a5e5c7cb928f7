/**
 * Whether a process that holds a tenant may go on. Where many processes serve a fleet, the directory's row alone tells of
 * a tenant that moves or ends: from then on nothing is read or written where its data was, however long a request or a
 * watch has been running.
 */

import { TableError } from '../storage/dynamodb/dynamodb-table.ts';
import type { HintsOf, LogHints } from '../storage/dynamodb/log-hints.ts';
import type { TenantDirectory, TenantEntry } from './tenant-directory.ts';

export interface TenancyOptions {
  readonly entry: TenantEntry;
  readonly directory: Pick<TenantDirectory, 'find' | 'forget'>;
  /** Called once, when the directory says that it is over. */
  readonly onEnd: () => void;
}

/** Its data is on its way to another place, or goes. */
const isOver = ({ state, hasArrived }: TenantEntry): boolean =>
  state === 'Deleting' || (state === 'Moving' && !hasArrived);

export class Tenancy {
  readonly #options: TenancyOptions;
  #isOver = false;

  constructor(options: TenancyOptions) {
    this.#options = options;
  }

  /** To be asked before every call of the table. Rejects with `TooLate`. */
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

  /** `hintsOf`, by which who listens also hears, by `changes`, that he may have to end. */
  hearing(hintsOf: HintsOf, changes: LogHints | undefined): HintsOf {
    const hear = changes?.listen;
    if (hear === undefined) return hintsOf;
    const look = (): void => {
      this.#options.directory.forget(this.#options.entry.name);
      // Whoever calls next is told.
      this.check().catch(() => undefined);
    };
    return (prefix) => {
      const hints = hintsOf(prefix);
      const listen = hints?.listen;
      if (hints === undefined || listen === undefined) return hints;
      return {
        leave: (revision) => hints.leave(revision),
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
