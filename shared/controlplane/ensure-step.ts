import type { ResourceAccess } from '../rest/resource-access.ts';

/**
 * Something a cluster is born with. Steps run, in their order, before a server is ready: each time, by however many
 * servers at once, so that they must be idempotent and cost little when nothing is to be done.
 */
export interface EnsureStep {
  /** As `/readyz` names it. */
  readonly name: string;
  run(resources: ResourceAccess): Promise<void>;
}
