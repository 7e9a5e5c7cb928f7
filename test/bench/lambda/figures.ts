/** What is measured of a client's doing, and what that costs. */

import { PRICES } from '../../../infra/cli/cost.ts';

/** Of the functions that are paid for: gigabytes, and the part of a processor that comes with them. */
const GIGABYTES = 0.5;
const PROCESSORS = 512 / 1769;
/** Milliseconds that a call to DynamoDB takes. */
export const DELAY_MS = 5;

export interface Figures {
  /** Requests that the gateway hands on. */
  readonly requests: number;
  /** Times that a function is invoked. */
  readonly invocations: number;
  readonly inSequence: number;
  readonly calls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** Milliseconds of a processor: loading an environment, where there was none, and answering. */
  readonly importCPU: number;
  readonly answerCPU: number;
  /** Milliseconds by the clock, of this machine. */
  readonly answerWall: number;
  readonly megabytes: number;
}

export const NOTHING: Figures = {
  requests: 0,
  invocations: 0,
  inSequence: 0,
  calls: 0,
  readUnits: 0,
  writeUnits: 0,
  importCPU: 0,
  answerCPU: 0,
  answerWall: 0,
  megabytes: 0,
};

const NAMES = Object.keys(NOTHING) as readonly (keyof Figures)[];

/** One after the other. */
export function plus(a: Figures, b: Figures): Figures {
  const sums = Object.fromEntries(NAMES.map((name) => [name, a[name] + b[name]])) as unknown as Figures;
  return { ...sums, megabytes: Math.max(a.megabytes, b.megabytes) };
}

/** Of each figure by itself. */
export function medians(samples: readonly Figures[]): Figures {
  const median = (name: keyof Figures) =>
    samples.map((sample) => sample[name]).sort((a, b) => a - b)[Math.floor(samples.length / 2)]!;
  return Object.fromEntries(NAMES.map((name) => [name, median(name)])) as unknown as Figures;
}

/** Of a million, at 512 MB: loading has a whole processor and is paid for, answering has its part of one. */
export function dollarsOf(figures: Figures): number {
  const { requests, invocations, readUnits, writeUnits, importCPU, answerCPU, inSequence } = figures;
  const seconds = (importCPU + answerCPU / PROCESSORS + inSequence * DELAY_MS) / 1000;
  return (
    requests * PRICES.gatewayRequests +
    invocations * PRICES.invocations +
    seconds * GIGABYTES * PRICES.memory * 1e6 +
    readUnits * PRICES.readUnits +
    writeUnits * PRICES.writeUnits
  );
}

const number = (value: number, digits = 0): string => value.toFixed(value % 1 === 0 ? 0 : digits);

/** Under `HEADS`. */
export const cellsOf = (figures: Figures): readonly string[] => [
  number(figures.inSequence, 1),
  number(figures.calls, 1),
  number(figures.readUnits, 1),
  number(figures.writeUnits, 1),
  number(figures.importCPU),
  number(figures.answerCPU),
  number(figures.answerWall),
  number(figures.megabytes),
  `$${dollarsOf(figures).toFixed(2)}`,
];

export const HEADS = [
  'calls in sequence',
  'calls',
  'read units',
  'write units',
  'import',
  'answer',
  'answer with waiting',
  'MB',
  'a million',
] as const;

export const tableOf = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
