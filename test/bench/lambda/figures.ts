/** Measurements of a client operation, and its price. */

import { PRICES } from '../../../infra/cli/cost.ts';

/** Size of the functions: gigabytes, and the share of a processor that comes with them. */
const GIGABYTES = 0.5;
const PROCESSORS = 512 / 1769;
/** Milliseconds per DynamoDB call. */
export const DELAY_MS = 5;

export interface Figures {
  /** Requests through the gateway. */
  readonly requests: number;
  /** Function invocations. */
  readonly invocations: number;
  readonly inSequence: number;
  readonly calls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** Milliseconds of processor time: for loading a new environment, and for responding. */
  readonly importCPU: number;
  readonly answerCPU: number;
  /** Milliseconds of wall clock time on this machine. */
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

/** The sum of two operations in sequence. */
export function plus(a: Figures, b: Figures): Figures {
  const sums = Object.fromEntries(NAMES.map((name) => [name, a[name] + b[name]])) as unknown as Figures;
  return { ...sums, megabytes: Math.max(a.megabytes, b.megabytes) };
}

/** The median of each figure independently. */
export function medians(samples: readonly Figures[]): Figures {
  const median = (name: keyof Figures) =>
    samples.map((sample) => sample[name]).sort((a, b) => a - b)[Math.floor(samples.length / 2)]!;
  return Object.fromEntries(NAMES.map((name) => [name, median(name)])) as unknown as Figures;
}

/**
 * Dollars per million at 512 MB. Loading runs on a full processor and is billed; responding runs on its share of one.
 */
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

/** In the order of `HEADS`. */
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
