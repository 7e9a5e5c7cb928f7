/**
 * Tracks whether mutating plugins must run a second time, because a later plugin changed the object that an earlier one
 * saw (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/reinvocation.go).
 */

import type { AdmissionAttributes } from './admission.ts';

export class ReinvocationContext {
  /** Whether this is the second run. */
  isReinvoke = false;
  /** Whether a plugin requested a second run. */
  shouldReinvoke = false;
  readonly #values = new Map<string, unknown>();

  /** A plugin's state across runs, created on first use. */
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
