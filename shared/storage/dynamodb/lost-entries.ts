import type { Item } from './dynamodb-table.ts';
import type { Finding } from './finding.ts';
import { decodeRevision } from './layout.ts';

interface LostEntry {
  readonly finding: Finding;
  readonly revision: number;
  /** Undefined: the entry doesn't say whose it was. */
  readonly key: string | undefined;
  /** Sort keys of its parts. */
  readonly parts: readonly string[];
}

/** Log entries that can't be read, until the objects' rows tell whether anything is lost with them. */
export class LostEntries {
  readonly #entries: LostEntry[] = [];

  add({ sk, k }: Item, parts: readonly Item[], message: string): Finding {
    const finding: Finding = { message };
    this.#entries.push({
      ...{ finding, revision: decodeRevision(sk), parts: parts.map((part) => part.sk) },
      key: typeof k === 'string' ? k : undefined,
    });
    return finding;
  }

  has(revision: number): boolean {
    return this.#entries.some((entry) => entry.revision === revision);
  }

  /** Called for each row: its object is known, whatever the entries up to its revision said of it. */
  stands(key: string, rowRevision: number): void {
    for (const { finding, revision, parts, key: its } of this.#entries) {
      if (revision === rowRevision || (key === its && revision < rowRevision)) {
        finding.repair = { kind: 'break', revision, parts };
      }
    }
  }
}
