/** Parses Prometheus' text format. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples by their names in the text: a histogram's are under `_bucket`, `_sum` and `_count`. */
export type Metrics = ReadonlyMap<string, readonly Sample[]>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (NaN|[+-]?(?:Inf|\d\S*))/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n' };

/** Lines that are no samples are skipped. */
export function parseMetrics(text: string): Metrics {
  const metrics = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name, labelText = '', number] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const labels: Record<string, string> = {};
    for (const [, label, value] of labelText.matchAll(LABEL)) {
      labels[label!] = value!.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
    }
    const samples = metrics.get(name);
    const sample = { labels, value: numberOf(number!) };
    if (samples === undefined) metrics.set(name, [sample]);
    else samples.push(sample);
  }
  return metrics;
}

const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'));
