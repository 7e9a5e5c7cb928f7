/** The registry of plugins (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugins.go). */

import type { AdmissionPluginFactory } from './admission.ts';

export class AdmissionPlugins {
  readonly #factories = new Map<string, AdmissionPluginFactory>();

  /** The same name twice is a programming error and throws. */
  register(name: string, factory: AdmissionPluginFactory): void {
    if (this.#factories.has(name)) throw new Error(`Admission plugin "${name}" was registered twice`);
    this.#factories.set(name, factory);
  }

  /** Names, sorted. */
  registered(): readonly string[] {
    return [...this.#factories.keys()].sort();
  }

  /** Throws for a name nobody registered. */
  factory(name: string): AdmissionPluginFactory {
    const factory = this.#factories.get(name);
    if (factory === undefined) throw new Error(`unknown admission plugin: ${name}`);
    return factory;
  }
}
