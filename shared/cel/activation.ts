import type { Value } from './value.ts';

/** Values of an expression's variables. */
export interface Activation {
  /** Undefined if there is no such variable. */
  resolve(name: string): Value | undefined;
}
