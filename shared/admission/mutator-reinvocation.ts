/**
 * Tracks which webhooks or policies must run again because the object has changed since they ran
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

  /** Records that a mutator has run and may be reinvoked. */
  add(uid: string): void {
    this.#invoked.add(uid);
  }

  /** Marks all mutators that have run for reinvocation, because the object has changed. */
  require(): void {
    for (const uid of this.#invoked) this.#again.add(uid);
    this.#invoked = new Set();
  }

  requireIfChanged(object: KubeObject | undefined): void {
    if (this.#invoked.size > 0 && !semanticDeepEqual(this.#lastOutput, object)) this.require();
  }

  /** Records the object after this plugin has run. */
  setOutput(object: KubeObject | undefined): void {
    // Only needed if there is something to reinvoke.
    this.#lastOutput = this.#invoked.size > 0 ? deepCopy(object) : undefined;
  }
}
