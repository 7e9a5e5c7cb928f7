import type { EnsureStep } from '../controlplane/ensure-step.ts';
import type { HealthChecker } from '../endpoints/healthz/healthz.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';

/** Runs the bootstrap steps and tracks their progress. */
export class Lifecycle {
  readonly #resources: ResourceAccess;
  readonly #steps: readonly EnsureStep[];
  readonly #done = new Set<string>();
  #running: Promise<void> | undefined;
  #draining = false;

  constructor(resources: ResourceAccess, steps: readonly EnsureStep[]) {
    this.#resources = resources;
    this.#steps = steps;
  }

  /** Runs once at a time. May be called again after a failure. */
  ready(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Counts all steps as done. */
  complete(): void {
    for (const { name } of this.#steps) this.#done.add(name);
  }

  drain(): void {
    this.#draining = true;
  }

  /** The first step creates the system namespaces, which the others need; the others run concurrently. */
  async #run(): Promise<void> {
    const [first, ...others] = this.#steps;
    if (first !== undefined) await this.#runStep(first);
    await Promise.all(others.map((step) => this.#runStep(step)));
  }

  async #runStep(step: EnsureStep): Promise<void> {
    if (this.#done.has(step.name)) return;
    await step.run(this.#resources);
    this.#done.add(step.name);
  }

  checks(): readonly HealthChecker[] {
    return this.#steps.map(({ name }) => ({
      name,
      check: async () => {
        if (!this.#done.has(name)) throw new Error('not finished');
      },
    }));
  }

  readonly shutdown: HealthChecker = {
    name: 'shutdown',
    check: async () => {
      if (this.#draining) throw new Error('process is shutting down');
    },
  };
}
