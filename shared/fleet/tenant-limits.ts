/** A tenant's limits on concurrent requests and request rate in one process. */

import { newTooManyRequests, type StatusError } from '../meta/status-error.ts';
import type { ApiRequest } from '../request/api-request.ts';

/** One process's share of a tenant's limits in use. */
export interface Demand {
  readonly requestsPerSecond: number;
  /** Watches currently held. */
  readonly watches: number;
}

/** Limits that a `ControlPlane` may set; unset: no limit. */
export interface TenantLimits {
  readonly requestsPerSecond?: number;
  /** Requests in flight, without watches. */
  readonly inFlight?: number;
  readonly watches?: number;
  /** Stored objects and bytes. */
  readonly objects?: number;
  readonly storageBytes?: number;
}

export type RequestKind = 'watch' | 'release' | 'other';

const LEASE = /\/apis\/coordination\.k8s\.io\/[^/]+\/namespaces\/[^/]+\/leases\/[^/]+$/;

/**
 * `release`: requests that free resources, or keep their sender from counting as dead: deletions and lease renewals.
 */
export function kindOf({ method, path, query }: ApiRequest): RequestKind {
  if (method === 'GET') {
    const watch = query.get('watch');
    const isWatch = (watch !== null && watch !== 'false' && watch !== '0') || /\/v[^/]+\/watch\//.test(path);
    return isWatch ? 'watch' : 'other';
  }
  if (method === 'DELETE') return 'release';
  return (method === 'PUT' || method === 'PATCH') && LEASE.test(path) ? 'release' : 'other';
}

const COUNTED = {
  requestsPerSecond: 'requests per second',
  inFlight: 'concurrent requests',
  watches: 'concurrent watches',
} as const;

/** The caller is authenticated, and may know the limit. */
export function refused(limit: keyof typeof COUNTED, limits: TenantLimits, seconds: number): StatusError {
  const reached = `the control plane's limit is ${limits[limit]} ${COUNTED[limit]}`;
  const message = `Too many requests, please try again later: ${reached}`;
  return newTooManyRequests(message, Math.max(1, Math.ceil(seconds)));
}

/** Burst size, in seconds of the rate limit. */
const BURST_SECONDS = 2;
/** Factor on all limits for requests that free resources. */
const RELEASE_FACTOR = 2;
/** Retry-After for watches, in seconds: room appears only when other watches end. */
export const WATCH_RETRY_SECONDS = 5;

export class TenantGate {
  #inFlight = 0;
  #watches = 0;
  #spent = 0;
  #spentAt = 0;
  /** Requests admitted since `#countedAt`. */
  #count = 0;
  #countedAt: number | undefined;

  get isIdle(): boolean {
    return this.#inFlight + this.#watches === 0;
  }

  get watches(): number {
    return this.#watches;
  }

  /** Demand since the last call. */
  demand(now: number): Demand {
    const seconds = Math.max(1, (now - (this.#countedAt ?? now)) / 1000);
    const requestsPerSecond = this.#count / seconds;
    this.#count = 0;
    this.#countedAt = now;
    return { requestsPerSecond, watches: this.#watches };
  }

  /**
   * Returns a function that ends the request, or throws StatusError. `now`: milliseconds of a monotonic clock. `share`:
   * this process's part of the requests per second.
   */
  enter(limits: TenantLimits, kind: RequestKind, now: number, share = limits.requestsPerSecond): () => void {
    const { inFlight, watches } = limits;
    const factor = kind === 'release' ? RELEASE_FACTOR : 1;
    if (kind === 'watch') {
      if (this.#watches >= (watches ?? Number.POSITIVE_INFINITY)) {
        throw refused('watches', limits, WATCH_RETRY_SECONDS);
      }
    } else if (this.#inFlight >= (inFlight ?? Number.POSITIVE_INFINITY) * factor) {
      throw refused('inFlight', limits, 1);
    }
    if (share !== undefined) {
      const wait = this.#spend(share, factor, now);
      if (wait > 0) throw refused('requestsPerSecond', limits, wait);
    }
    this.#count++;
    if (kind === 'watch') this.#watches++;
    else this.#inFlight++;
    return () => {
      if (kind === 'watch') this.#watches--;
      else this.#inFlight--;
    };
  }

  /** A leaky bucket that drains at the rate limit. Returns the seconds to wait if it is full. */
  #spend(perSecond: number, factor: number, now: number): number {
    const spent = this.#left(perSecond, now);
    const room = perSecond * BURST_SECONDS * factor;
    this.#spentAt = now;
    this.#spent = spent;
    if (spent + 1 > room) return (spent + 1 - room) / perSecond;
    this.#spent++;
    return 0;
  }

  /** Content of the bucket that has not drained yet. */
  #left(perSecond: number, now: number): number {
    return Math.max(0, this.#spent - ((now - this.#spentAt) / 1000) * perSecond);
  }
}
