/**
 * The read of the one object that a request names, begun while it is not yet known whether the request is allowed. What
 * was read is taken by the handler that would have read it, or by nobody.
 */

import type { RequestContext } from '../../request/request-context.ts';
import type { Getter, RESTObject } from '../../rest/rest-storage.ts';
import type { ServingContext } from './serving-context.ts';

/** Begins to read what the request will be answered from if it is allowed. May be called more than once. */
export type Foresee = (context: ServingContext) => void;

/**
 * Milliseconds. Who was allowed meanwhile must not see what the object held before, which its owner may have taken away
 * first: what was read so long before the decision is read again.
 */
const GOOD_FOR = 1_000;

export class ReadAhead {
  readonly #begun = performance.now();
  readonly #storage: Getter;
  readonly #object: Promise<RESTObject>;
  #decided = Number.POSITIVE_INFINITY;

  constructor(storage: Getter, context: RequestContext) {
    this.#storage = storage;
    this.#object = storage.get(context, context.requestInfo.name, {});
    // Of a request that is refused nobody asks.
    this.#object.catch(() => {});
  }

  /** To be called when the request is allowed. */
  allow(): void {
    this.#decided = performance.now();
  }

  /** What a `get` of this storage would read now; undefined: it has to. */
  take(storage: Getter): Promise<RESTObject> | undefined {
    return storage === this.#storage && this.#decided - this.#begun <= GOOD_FOR ? this.#object : undefined;
  }
}

/** Undefined where there is nothing to be read ahead: requests for anything but the newest state of one object. */
export function readAhead(context: RequestContext, storage: Getter): ReadAhead | undefined {
  const { requestInfo, request } = context;
  const { verb, subresource, name } = requestInfo;
  if (request.method !== 'GET' || verb !== 'get' || subresource !== '' || name === '') return undefined;
  if (request.query.has('resourceVersion')) return undefined;
  return new ReadAhead(storage, context);
}
