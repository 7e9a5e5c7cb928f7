/** What one tenant may ask of one process at once and in a second. */

import { newTooManyRequests, type StatusError } from '../meta/status-error.ts';
import type { ApiRequest } from '../request/api-request.ts';

/** What one process takes of a tenant's limits. */
export interface Demand {
  readonly requestsPerSecond: number;
  /** That it holds now. */
  readonly watches: number;
}

/** What a `ControlPlane` may bound; unset: no bound of its own. */
export interface TenantLimits {
  readonly requestsPerSecond?: number;
  /** Requests that are being answered, watches not among them. */
  readonly inFlight?: number;
  readonly watches?: number;
  /** What it stores. */
  readonly objects?: number;
  readonly storageBytes?: number;
}

export type RequestKind = 'watch' | 'release' | 'other';

const LEASE = /\/apis\/coordination\.k8s\.io\/[^/]+\/namespaces\/[^/]+\/leases\/[^/]+$/;

/** `release`: what frees something, or keeps it from being taken for dead: deletions, and renewals of leases. */
export function kindOf({ method, path, query }: ApiRequest): RequestKind {
  if (method === 'GET') {
    const watch = query.get('watch');
    const isWatch = (watch !== null && watch !== 'false' && watch !== '0') || /\/v[^/]+\/watch\//.test(path);
    return isWatch ? 'watch' : 'other';
  }
  if (method === 'DELETE') return 'release';
  return (method === 'PUT' || method === 'PATCH') && LEASE.test(path) ? 'release' : 'other';
}

/** The text is upstream's: k8s.io/apiserver/pkg/server/filters/maxinflight.go. */
export const refused = (seconds: number): StatusError =>
  newTooManyRequests('Too many requests, please try again later.', Math.max(1, Math.ceil(seconds)));

/** Seconds of requests that may come at once after a pause. */
const BURST_SECONDS = 2;
/** Beyond the bounds of all others, of those that free something. */
const RELEASE_FACTOR = 2;
/** Seconds after which a watch may be asked for again: others end when they do. */
export const WATCH_AGAIN_SECONDS = 5;

export class TenantGate {
  #inFlight = 0;
  #watches = 0;
  #spent = 0;
  #spentAt = 0;
  /** Requests that were let in since `#countedAt`. */
  #count = 0;
  #countedAt: number | undefined;

  get isIdle(): boolean {
    return this.#inFlight + this.#watches === 0;
  }

  get watches(): number {
    return this.#watches;
  }

  /** What was taken since it was last asked for. */
  demand(now: number): Demand {
    const seconds = Math.max(1, (now - (this.#countedAt ?? now)) / 1000);
    const requestsPerSecond = this.#count / seconds;
    this.#count = 0;
    this.#countedAt = now;
    return { requestsPerSecond, watches: this.#watches };
  }

  /** Returns what ends the request, or throws StatusError. `now`: milliseconds of a clock that never goes back. */
  enter(limits: TenantLimits, kind: RequestKind, now: number): () => void {
    const { requestsPerSecond, inFlight, watches } = limits;
    const factor = kind === 'release' ? RELEASE_FACTOR : 1;
    if (kind === 'watch') {
      if (this.#watches >= (watches ?? Number.POSITIVE_INFINITY)) throw refused(WATCH_AGAIN_SECONDS);
    } else if (this.#inFlight >= (inFlight ?? Number.POSITIVE_INFINITY) * factor) throw refused(1);
    if (requestsPerSecond !== undefined) this.#spend(requestsPerSecond, factor, now);
    this.#count++;
    if (kind === 'watch') this.#watches++;
    else this.#inFlight++;
    return () => {
      if (kind === 'watch') this.#watches--;
      else this.#inFlight--;
    };
  }

  /** A bucket that leaks as many a second as may come. */
  #spend(perSecond: number, factor: number, now: number): void {
    const spent = this.#left(perSecond, now);
    const room = perSecond * BURST_SECONDS * factor;
    this.#spentAt = now;
    this.#spent = spent;
    if (spent + 1 > room) throw refused((spent + 1 - room) / perSecond);
    this.#spent++;
  }

  /** What of the bucket has not leaked yet. */
  #left(perSecond: number, now: number): number {
    return Math.max(0, this.#spent - ((now - this.#spentAt) / 1000) * perSecond);
  }
}
