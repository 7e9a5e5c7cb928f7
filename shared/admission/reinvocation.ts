/**
 * Whether the mutating plugins have to run a second time, since a later one changed what an earlier one saw
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/reinvocation.go).
 */

import type { AdmissionAttributes } from './admission.ts';

export class ReinvocationContext {
  /** This is the second run. */
  isReinvoke = false;
  /** Some plugin asked for a second run. */
  shouldReinvoke = false;
  readonly #values = new Map<string, unknown>();

  /** What a plugin remembers between the runs; made when first asked for. */
  value<T>(plugin: string, make: () => T): T {
    if (!this.#values.has(plugin)) this.#values.set(plugin, make());
    return this.#values.get(plugin) as T;
  }
}

const contexts = new WeakMap<AdmissionAttributes, ReinvocationContext>();

export function reinvocationOf(attributes: AdmissionAttributes): ReinvocationContext {
  let context = contexts.get(attributes);
  if (context === undefined) {
    context = new ReinvocationContext();
    contexts.set(attributes, context);
  }
  return context;
}
