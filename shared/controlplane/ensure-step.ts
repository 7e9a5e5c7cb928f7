import type { ResourceAccess } from '../rest/resource-access.ts';

/**
 * Creates some of a cluster's initial objects. Steps run in order before a server is ready: at every start, possibly on
 * several servers at once, so they must be idempotent, and cheap if there is nothing to do.
 */
export interface EnsureStep {
  /** Its name in `/readyz`. */
  readonly name: string;
  run(resources: ResourceAccess): Promise<void>;
}
