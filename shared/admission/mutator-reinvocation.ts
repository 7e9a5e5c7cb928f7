/**
 * Which webhooks or policies run again, because what they saw has changed since
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/mutating/reinvocationcontext.go).
 */

import { semanticDeepEqual } from '../meta/deep-equal.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import { deepCopy } from '../util/deep-copy.ts';

export class MutatorReinvocation {
  #lastOutput: KubeObject | undefined;
  #invoked = new Set<string>();
  readonly #again = new Set<string>();

  shouldReinvoke(uid: string): boolean {
    return this.#again.has(uid);
  }

  /** It has run and wants to run again if need be. */
  add(uid: string): void {
    this.#invoked.add(uid);
  }

  /** The object has changed: all that have run before are to run again. */
  require(): void {
    for (const uid of this.#invoked) this.#again.add(uid);
    this.#invoked = new Set();
  }

  requireIfChanged(object: KubeObject | undefined): void {
    if (this.#invoked.size > 0 && !semanticDeepEqual(this.#lastOutput, object)) this.require();
  }

  /** What this plugin left behind. */
  setOutput(object: KubeObject | undefined): void {
    // Nobody will ask where nobody may run again.
    this.#lastOutput = this.#invoked.size > 0 ? deepCopy(object) : undefined;
  }
}
