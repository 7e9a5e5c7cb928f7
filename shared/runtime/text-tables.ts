/** Reads a file that is part of the program. */
export type ReadText = () => string;

/**
 * Tables by the prefix of their entries' names (`io.k8s.api.core.v1`): JSON objects from name to entry, read and parsed
 * on first use. A text with several prefixes is parsed once.
 */
export class TextTables<T> {
  readonly #texts: ReadonlyMap<string, ReadText>;
  readonly #parsed = new Map<ReadText, Readonly<Record<string, T>>>();
  readonly #shown: (table: Readonly<Record<string, T>>) => Readonly<Record<string, T>>;

  /** `shown` filters a table; by default everything is kept. */
  constructor(
    texts: ReadonlyMap<string, ReadText>,
    shown = (table: Readonly<Record<string, T>>): Readonly<Record<string, T>> => table,
  ) {
    this.#texts = texts;
    this.#shown = shown;
  }

  /** In the order given. */
  prefixes(): readonly string[] {
    return [...this.#texts.keys()];
  }

  /** Undefined if there is none. */
  table(prefix: string): Readonly<Record<string, T>> | undefined {
    const read = this.#texts.get(prefix);
    if (read === undefined) return undefined;
    let table = this.#parsed.get(read);
    if (table === undefined) {
      table = this.#shown(JSON.parse(read()) as Record<string, T>);
      this.#parsed.set(read, table);
    }
    return table;
  }

  /** Looks up an entry by the prefix before the last dot of its name; undefined if it isn't in any table. */
  entry(name: string): T | undefined {
    const table = this.table(name.slice(0, name.lastIndexOf('.')));
    return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  }
}
