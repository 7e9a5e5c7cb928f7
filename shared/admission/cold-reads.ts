import { DEFAULT_STALENESS_MS, type ResourceAccess } from '../rest/resource-access.ts';
import { formatGroupResource } from '../runtime/group-version.ts';
import { BoundedCache } from '../util/bounded-cache.ts';
import type { AdmissionPlugin, AdmissionRead, ForeseenAttributes } from './admission.ts';

const MAX_SORTS = 1_000;

interface Reads {
  /** By a clock that goes on while the process is frozen. */
  readonly begunAt: number;
  /** Undefined once they have ended. */
  all: Promise<unknown> | undefined;
}

/**
 * What plugins will read, read together: the first request of each sort that a server sees for a while would else wait
 * for one resource after another.
 */
export class ColdReads {
  readonly #resources: ResourceAccess;
  readonly #plugins: readonly AdmissionPlugin[];
  /** By sort of request, which clients name. */
  readonly #reads = new BoundedCache<string, Reads>({ max: MAX_SORTS });

  constructor(resources: ResourceAccess, plugins: readonly AdmissionPlugin[]) {
    this.#resources = resources;
    this.#plugins = plugins.filter(({ reads }) => reads !== undefined);
  }

  /** Undefined when there is nothing to wait for. Never rejects: who needs what can't be read will say so. */
  warm(attributes: ForeseenAttributes): Promise<unknown> | undefined {
    const { operation, resource, subresource } = attributes;
    const sort = `${operation} ${formatGroupResource(resource)}/${subresource}`;
    const begunAt = Date.now();
    const last = this.#reads.get(sort);
    if (last !== undefined && begunAt - last.begunAt < DEFAULT_STALENESS_MS) return last.all;
    const begun: Reads = { begunAt, all: undefined };
    this.#reads.set(sort, begun);
    const reads = this.#plugins
      .filter((plugin) => plugin.handles(operation))
      .flatMap((plugin) => plugin.reads!(attributes));
    const distinct = new Map(reads.map((read) => [formatRead(read), read]));
    const readAll = [...distinct.values()].map((read) => this.#read(read, last === undefined));
    begun.all = Promise.allSettled(readAll).then(() => {
      begun.all = undefined;
    });
    return begun.all;
  }

  async #read({ object, ...resource }: AdmissionRead, isFirst: boolean): Promise<unknown> {
    const lister = this.#resources.lister(resource);
    if (object === undefined && isFirst) return lister.snapshot();
    // What is in memory has nothing to be waited for.
    if ((await lister.sparse?.()) === undefined) return undefined;
    return object === undefined ? lister.snapshot() : lister.get(object.namespace, object.name);
  }
}

const formatRead = ({ object, ...resource }: AdmissionRead): string =>
  `${formatGroupResource(resource)} ${object === undefined ? '' : `${object.namespace}/${object.name}`}`;
