import type { ResourceAccess } from '../rest/resource-access.ts';
import { formatGroupResource } from '../runtime/group-version.ts';
import type { AdmissionAttributes, AdmissionPlugin } from './admission.ts';

/**
 * What plugins will read, read together: the first request of each sort that a server sees would else wait for one
 * resource after another.
 */
export class ColdReads {
  readonly #resources: ResourceAccess;
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #seen = new Set<string>();

  constructor(resources: ResourceAccess, plugins: readonly AdmissionPlugin[]) {
    this.#resources = resources;
    this.#plugins = plugins.filter(({ reads }) => reads !== undefined);
  }

  /** Undefined when there is nothing to wait for. Never rejects: who needs what can't be read will say so. */
  warm(attributes: AdmissionAttributes): Promise<unknown> | undefined {
    const { operation, resource, subresource } = attributes;
    const sort = `${operation} ${formatGroupResource(resource)}/${subresource}`;
    if (this.#seen.has(sort)) return undefined;
    this.#seen.add(sort);
    const reads = this.#plugins
      .filter((plugin) => plugin.handles(operation))
      .flatMap((plugin) => plugin.reads!(attributes));
    const distinct = new Map(reads.map((read) => [formatGroupResource(read), read]));
    return Promise.allSettled([...distinct.values()].map((read) => this.#resources.lister(read).snapshot()));
  }
}
