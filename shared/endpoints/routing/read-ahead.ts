/**
 * Starts reading the object that a request names while the request is still being authorized. The handler takes the
 * result in place of its own read; if the request is refused, it is discarded.
 */

import type { RequestContext } from '../../request/request-context.ts';
import type { Getter, RESTObject } from '../../rest/rest-storage.ts';
import type { ServingContext } from './serving-context.ts';

/** Starts reading the data for the answer before the request is authorized. May be called more than once. */
export type Prefetch = (context: ServingContext) => void;

/**
 * Maximum milliseconds between read and decision; after that the object is read again. A user who has just been granted
 * access must not see an earlier state, from which the owner may have removed data before granting it.
 */
const MAX_AGE_MS = 1_000;

export class ReadAhead {
  readonly #begun = performance.now();
  readonly #storage: Getter;
  readonly #object: Promise<RESTObject>;
  #decided = Number.POSITIVE_INFINITY;

  constructor(storage: Getter, context: RequestContext) {
    this.#storage = storage;
    this.#object = storage.get(context, context.requestInfo.name, {});
    // Not awaited if the request is refused, so a rejection must not go unhandled.
    this.#object.catch(() => {});
  }

  /** Call when the request has been authorized. */
  allow(): void {
    this.#decided = performance.now();
  }

  /** The result of a `get` of this storage; undefined if the storage has to be read. */
  take(storage: Getter): Promise<RESTObject> | undefined {
    return storage === this.#storage && this.#decided - this.#begun <= MAX_AGE_MS ? this.#object : undefined;
  }
}

/** Undefined unless the request is a GET of the latest state of one object. */
export function readAhead(context: RequestContext, storage: Getter): ReadAhead | undefined {
  const { requestInfo, request } = context;
  const { verb, subresource, name } = requestInfo;
  if (request.method !== 'GET' || verb !== 'get' || subresource !== '' || name === '') return undefined;
  if (request.query.has('resourceVersion')) return undefined;
  return new ReadAhead(storage, context);
}
