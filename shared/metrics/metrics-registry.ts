/**
 * Counters, gauges and histograms in Prometheus' text format. Counting is on every request's path, even if the metrics
 * are never read: it takes a map lookup, and no library is loaded.
 */

/** Values of a family's labels, in the family's order. */
export type LabelValues = readonly string[];

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

export type FamilyOptions = Omit<Family, 'type'>;

/** Separates label values in a key: no value contains it. */
const SEPARATOR = '\u0000';

abstract class Metric<V> {
  readonly family: Family;
  protected readonly series = new Map<string, V>();

  #allowed: readonly (ReadonlySet<string> | undefined)[] | undefined;

  constructor(family: Family) {
    this.family = family;
  }

  /** Allowed values of the family's labels, in order; others become `unexpected`. */
  allow(allowed: readonly (ReadonlySet<string> | undefined)[]): void {
    if (allowed.some((values) => values !== undefined)) this.#allowed = allowed;
  }

  protected keyOf(values: LabelValues): string {
    const allowed = this.#allowed;
    if (allowed === undefined) return values.join(SEPARATOR);
    return values
      .map((value, index) => (allowed[index]?.has(value) === false ? 'unexpected' : value))
      .join(SEPARATOR);
  }

  /** Whether there is nothing to report. */
  get isEmpty(): boolean {
    return this.series.size === 0;
  }

  /** Starts over; cached series must be looked up again. */
  reset(): void {
    this.series.clear();
  }

  *lines(help: string | undefined): Iterable<string> {
    const { name, type, labels } = this.family;
    if (help !== undefined) yield `# HELP ${name} ${help}`;
    yield `# TYPE ${name} ${type}`;
    for (const [key, value] of [...this.series].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const values = labels.length === 0 ? [] : key.split(SEPARATOR);
      const pairs = labels.map((label, index) => `${label}="${escapeLabel(values[index]!)}"`).join(',');
      yield* this.samples(name, pairs, value);
    }
  }

  protected abstract samples(name: string, labels: string, value: V): Iterable<string>;
}

/** A sample's number in Go's format `%g`: `1e+06`. */
function sampleText(value: number): string {
  if (Math.abs(value) < 1e6 && (value === 0 || Math.abs(value) >= 1e-4)) return String(value);
  return value.toExponential().replace(/(?<=e[+-])\d$/, '0$&');
}

const escapeLabel = (value: string): string =>
  value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');

const withLabels = (name: string, labels: string): string => (labels === '' ? name : `${name}{${labels}}`);

class NumberMetric extends Metric<number> {
  protected *samples(name: string, labels: string, value: number): Iterable<string> {
    yield `${withLabels(name, labels)} ${sampleText(value)}`;
  }
}

export class Counter extends NumberMetric {
  /** Returns the new count. */
  add(values: LabelValues, by = 1): number {
    const key = this.keyOf(values);
    const sum = (this.series.get(key) ?? 0) + by;
    this.series.set(key, sum);
    return sum;
  }

  /** A function that adds one with these labels, for frequent use. */
  adder(values: LabelValues): () => void {
    const key = this.keyOf(values);
    return () => this.series.set(key, (this.series.get(key) ?? 0) + 1);
  }

  /** For counts kept elsewhere, starting at zero. */
  set(values: LabelValues, sum: number): void {
    this.series.set(this.keyOf(values), sum);
  }
}

export class Gauge extends NumberMetric {
  set(values: LabelValues, value: number): void {
    this.series.set(this.keyOf(values), value);
  }

  add(values: LabelValues, by: number): void {
    const key = this.keyOf(values);
    this.series.set(key, (this.series.get(key) ?? 0) + by);
  }

  delete(values: LabelValues): void {
    this.series.delete(this.keyOf(values));
  }
}

interface Distribution {
  /**
   * Number of observations by the first bucket that holds them, up to the highest that holds any; those above all
   * buckets are only in `count`.
   */
  counts: readonly number[];
  sum: number;
  count: number;
}

export class Histogram extends Metric<Distribution> {
  readonly #buckets: readonly number[];
  #resets = 0;

  constructor(family: Family, buckets: readonly number[]) {
    super(family);
    this.#buckets = buckets;
  }

  override reset(): void {
    super.reset();
    this.#resets++;
  }

  observe(values: LabelValues, value: number): void {
    this.#note(this.#distribution(this.keyOf(values)), value);
  }

  /** A function that observes with these labels, for frequent use: they are looked up once. */
  observer(values: LabelValues): (value: number) => void {
    const key = this.keyOf(values);
    let found: Distribution | undefined;
    let turn = this.#resets;
    return (value) => {
      if (found === undefined || turn !== this.#resets) found = this.#distribution(key);
      turn = this.#resets;
      this.#note(found, value);
    };
  }

  #distribution(key: string): Distribution {
    let found = this.series.get(key);
    if (found === undefined) {
      found = { counts: [], sum: 0, count: 0 };
      this.series.set(key, found);
    }
    return found;
  }

  #note(distribution: Distribution, value: number): void {
    distribution.sum += value;
    distribution.count++;
    const buckets = this.#buckets;
    for (let index = 0; index < buckets.length; index++) {
      if (value > buckets[index]!) continue;
      const { counts } = distribution;
      // Exactly as long as needed, unlike an array that has grown by `push`.
      if (index >= counts.length) {
        distribution.counts = Array.from({ length: index + 1 }, (_, at) => counts[at] ?? 0);
      }
      (distribution.counts as number[])[index]!++;
      return;
    }
  }

  protected *samples(name: string, labels: string, { counts, sum, count }: Distribution): Iterable<string> {
    const before = labels === '' ? '' : `${labels},`;
    let below = 0;
    for (const [index, bucket] of this.#buckets.entries()) {
      below += counts[index] ?? 0;
      yield `${name}_bucket{${before}le="${sampleText(bucket)}"} ${below}`;
    }
    yield `${name}_bucket{${before}le="+Inf"} ${count}`;
    yield `${withLabels(`${name}_sum`, labels)} ${sampleText(sum)}`;
    yield `${withLabels(`${name}_count`, labels)} ${count}`;
  }
}

export interface MetricsOptions {
  /** Families that are not reported. */
  readonly disabled?: readonly string[] | undefined;
  /** By `family,label`: the allowed values, separated by commas. */
  readonly allowedLabels?: ReadonlyMap<string, string> | undefined;
}

/** All metrics of one control plane. */
export class MetricsRegistry {
  readonly #disabled: ReadonlySet<string>;
  readonly #allowed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #metrics = new Map<string, Metric<unknown>>();
  readonly #collectors: (() => void)[] = [];

  constructor({ disabled = [], allowedLabels = new Map() }: MetricsOptions = {}) {
    this.#disabled = new Set(disabled);
    this.#allowed = new Map([...allowedLabels].map(([key, values]) => [key, new Set(values.split(','))]));
  }

  counter(options: FamilyOptions): Counter {
    return this.#add(new Counter({ ...options, type: 'counter' }));
  }

  gauge(options: FamilyOptions): Gauge {
    return this.#add(new Gauge({ ...options, type: 'gauge' }));
  }

  /** `buckets`: upper bounds, ascending. */
  histogram({ buckets, ...options }: FamilyOptions & { readonly buckets: readonly number[] }): Histogram {
    return this.#add(new Histogram({ ...options, type: 'histogram' }, buckets));
  }

  /** Calls `collect` before each `text()`: for gauges of values known without counting. */
  onCollect(collect: () => void): void {
    this.#collectors.push(collect);
  }

  /** The families with samples, sorted by name. `help`: help texts by family. */
  text(help: Readonly<Record<string, string>> = {}): string {
    for (const collect of this.#collectors) collect();
    const lines: string[] = [];
    for (const [name, metric] of [...this.#metrics].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (metric.isEmpty || this.#disabled.has(name)) continue;
      for (const line of metric.lines(help[name])) lines.push(line);
    }
    return lines.map((line) => `${line}\n`).join('');
  }

  /** Resets all counters and histograms. Gauges are kept, since they show the current state. */
  reset(): void {
    for (const metric of this.#metrics.values()) if (metric.family.type !== 'gauge') metric.reset();
  }

  #add<M extends Metric<unknown>>(metric: M): M {
    const { name, labels } = metric.family;
    if (this.#allowed.size > 0) metric.allow(labels.map((label) => this.#allowed.get(`${name},${label}`)));
    if (this.#metrics.has(name)) throw new Error(`metric ${name} was registered twice`);
    this.#metrics.set(name, metric);
    return metric;
  }
}
