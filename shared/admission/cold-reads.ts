import { DEFAULT_STALENESS_MS, type ResourceAccess } from '../rest/resource-access.ts';
import { formatGroupResource } from '../runtime/group-version.ts';
import { BoundedCache } from '../util/bounded-cache.ts';
import type { AdmissionPlugin, AdmissionRead, PrefetchAttributes } from './admission.ts';

const MAX_SORTS = 1_000;

interface Reads {
  /** From a clock that advances while the process is frozen. */
  readonly begunAt: number;
  /** Undefined once the reads have finished. */
  all: Promise<unknown> | undefined;
}

/**
 * Issues the plugins' reads concurrently. Otherwise the first request of each sort would wait for one resource after
 * another.
 */
export class ColdReads {
  readonly #resources: ResourceAccess;
  readonly #plugins: readonly AdmissionPlugin[];
  /** By sort of request; bounded, because clients determine the sort. */
  readonly #reads = new BoundedCache<string, Reads>({ max: MAX_SORTS });

  constructor(resources: ResourceAccess, plugins: readonly AdmissionPlugin[]) {
    this.#resources = resources;
    this.#plugins = plugins.filter(({ reads }) => reads !== undefined);
  }

  /** Undefined if there is nothing to wait for. Never rejects: a plugin that needs a failed read reports the error. */
  warm(attributes: PrefetchAttributes): Promise<unknown> | undefined {
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
    // A resource held in memory needs no read.
    if ((await lister.sparse?.()) === undefined) return undefined;
    return object === undefined ? lister.snapshot() : lister.get(object.namespace, object.name);
  }
}

const formatRead = ({ object, ...resource }: AdmissionRead): string =>
  `${formatGroupResource(resource)} ${object === undefined ? '' : `${object.namespace}/${object.name}`}`;
