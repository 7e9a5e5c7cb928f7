/** Reads a file of the program. */
export type ReadText = () => string;

/**
 * Tables by the prefixes of what stands in them (`io.k8s.api.core.v1`): JSON of name -> entry, read and parsed when one
 * of their entries is first asked for. A text that has several prefixes is parsed once.
 */
export class TextTables<T> {
  readonly #texts: ReadonlyMap<string, ReadText>;
  readonly #parsed = new Map<ReadText, Readonly<Record<string, T>>>();
  readonly #shown: (table: Readonly<Record<string, T>>) => Readonly<Record<string, T>>;

  /** `shown`: what is left of a table. Absent: all of it. */
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

  /** Undefined: there is none. */
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

  /** By the prefix before the last dot of its name. Undefined: no table holds it. */
  entry(name: string): T | undefined {
    const table = this.table(name.slice(0, name.lastIndexOf('.')));
    return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  }
}
