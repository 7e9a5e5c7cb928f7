/** Counts what happened to transferred objects, by resource and reason. */

/** Called for objects that are skipped or changed. A count of 0: unknown. */
export type Skipped = (resource: string, count: number, reason: string) => void;

/** Adds up counts by resource and reason. */
export class ReasonCounts {
  readonly #counts = new Map<string, { resource: string; count: number; reason: string }>();

  readonly add: Skipped = (resource, count, reason) => {
    const key = `${resource}\0${reason}`;
    const one = this.#counts.get(key) ?? { resource, count: 0, reason };
    this.#counts.set(key, { ...one, count: one.count + count });
  };

  /** A title, and a line for each resource and reason; undefined if there are none. */
  text(title: string): string | undefined {
    const lines = [...this.#counts.values()].map(
      ({ resource, count, reason }) => `  ${resource}${count > 0 ? ` (${count})` : ''}: ${reason}`,
    );
    return lines.length > 0 ? [`${title}:`, ...lines].join('\n') : undefined;
  }
}
