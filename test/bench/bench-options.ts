/** Options passed to all benchmarks; each uses those that apply to it. */
export interface BenchOptions {
  /** Another server to compare with: `NAME=URL,ca,cert,key`. */
  readonly peer?: string | undefined;
  /** Runs only rows whose name contains this. */
  readonly only?: string | undefined;
  /** Duration of each rate measurement. */
  readonly seconds: number;
}
