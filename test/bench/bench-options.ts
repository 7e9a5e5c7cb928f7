/** What all benchmarks are told; each takes what it has a use for. */
export interface BenchOptions {
  /** Another server beside which this one is measured: `NAME=URL,ca,cert,key`. */
  readonly peer?: string | undefined;
  /** Only what has this in its name. */
  readonly only?: string | undefined;
  /** Of each measurement of a rate. */
  readonly seconds: number;
}
