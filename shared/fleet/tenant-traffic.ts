/**
 * Stands between the router and the tenants of a process: enforces limits, shares processor time fairly, and counts
 * usage.
 */

import { StatusError } from '../meta/status-error.ts';
import { type ApiRequest, type ApiResponse, changedRequest } from '../request/api-request.ts';
import { withRelease } from '../util/with-release.ts';
import { earlyAnswer } from './early-answer.ts';
import { FairQueue, type FairQueueOptions } from './fair-queue.ts';
import { KnownCredentials } from './known-credentials.ts';
import type { SharedLimits } from './shared-limits.ts';
import type { TenantEntry } from './tenant-directory.ts';
import {
  type Demand,
  kindOf,
  type RequestKind,
  refused,
  TenantGate,
  type TenantLimits,
  WATCH_RETRY_SECONDS,
} from './tenant-limits.ts';
import type { UsageMeter } from './tenant-usage.ts';

export interface TenantTrafficOptions {
  readonly usage: UsageMeter;
  readonly turns?: FairQueueOptions | undefined;
  /** Set if other processes serve the same tenants. */
  readonly shared?: SharedLimits | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now?: (() => number) | undefined;
}

/** Enough requests to keep a processor busy while some wait for the table; one tenant may take half. */
const TURNS: FairQueueOptions = { maxRunning: 32, maxRunningPerTenant: 16, countedMs: 200 };

/** Number of tenants whose request rate is tracked. */
const MAX_GATES = 5_000;

const UNAUTHORIZED = 401;

/** An admitted request. */
interface Entered {
  leave(): void | Promise<void>;
  /** Resolves when other processes have been informed. */
  readonly exchanged: Promise<void> | undefined;
}

interface Entering {
  readonly gate: TenantGate;
  readonly limits: TenantLimits;
  readonly kind: RequestKind;
  readonly demand: () => Demand;
}

export class TenantTraffic {
  readonly #usage: UsageMeter;
  readonly #turns: FairQueue;
  readonly #now: () => number;
  readonly #shared: SharedLimits | undefined;
  readonly #gates = new Map<string, TenantGate>();
  readonly #known = new KnownCredentials();

  constructor({ usage, turns = TURNS, shared, now = () => performance.now() }: TenantTrafficOptions) {
    this.#usage = usage;
    this.#turns = new FairQueue(turns);
    this.#now = now;
    this.#shared = shared;
  }

  /**
   * Serves the request with `serve`, or responds with 429. A request counts against the tenant's limits once its caller
   * is authenticated: immediately if its credential was valid when last used, otherwise when `serve` admits it.
   * Unauthenticated requests don't count against the limits, and queue separately. Rejects with any error of `serve`.
   */
  async run(
    { id, name, limits = {} }: TenantEntry,
    request: ApiRequest,
    serve: (request: ApiRequest) => Promise<ApiResponse>,
  ): Promise<ApiResponse> {
    const { readBody, claimMemory, onEnd } = request;
    const credential = this.#known.keyOf(id, request);
    const entered: Entered[] = [];
    const enter = async (): Promise<void> => {
      // Counted once, however often `admit` is called.
      if (entered.length === 0) entered.push(await this.#enter(id, limits, kindOf(request)));
    };
    const metered = changedRequest(request, {
      // Prefixed with the id, since users of two tenants may have the same name.
      ...(readBody && {
        readBody: (maxBytes: number, user: string) => readBody(maxBytes, `${id}/${user}`),
      }),
      ...(claimMemory && {
        claimMemory: (bytes: number, user: string) => claimMemory(bytes, `${id}/${user}`),
      }),
      onEnd: (record) => {
        this.#usage.ended(id, record);
        onEnd?.({ ...record, tenant: name });
      },
      admit: async () => {
        this.#known.add(credential);
        await enter();
      },
    });
    const isKnown = this.#known.has(credential);
    try {
      if (isKnown) await enter();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return earlyAnswer(metered, error, name);
    }
    const over = await this.#turns.take(isKnown ? id : `${id} strangers`);
    let isStream = false;
    try {
      const answer = await serve(metered);
      if (answer.status === UNAUTHORIZED) this.#known.remove(credential);
      if (answer.body instanceof Uint8Array) return answer;
      isStream = true;
      const leave = entered[0]?.leave ?? (() => undefined);
      return { ...answer, body: withRelease(answer.body, request.signal, leave) };
    } finally {
      over();
      // Awaited because the environment may be frozen as soon as the request is answered.
      await entered[0]?.exchanged;
      if (!isStream) await entered[0]?.leave();
    }
  }

  /** Throws StatusError where a limit is reached, in this process or by all processes together. */
  async #enter(id: string, limits: TenantLimits, kind: RequestKind): Promise<Entered> {
    const gate = this.#gateOf(id);
    const demand = () => gate.demand(this.#now());
    try {
      const leave = await this.#enterGate(id, { gate, limits, kind, demand });
      const isPaced = limits.requestsPerSecond !== undefined;
      return { leave, exchanged: isPaced ? this.#shared?.exchangeIfDue(id, demand) : undefined };
    } catch (error) {
      if (error instanceof StatusError) this.#usage.refused(id);
      throw error;
    }
  }

  /** Returns a function that ends the request. */
  async #enterGate(
    id: string,
    { gate, limits, kind, demand }: Entering,
  ): Promise<() => void | Promise<void>> {
    const shared = this.#shared;
    const { requestsPerSecond, watches } = limits;
    const share =
      requestsPerSecond === undefined ? undefined : shared?.requestsPerSecond(id, requestsPerSecond);
    const leave = gate.enter(limits, kind, this.#now(), share);
    if (shared === undefined || kind !== 'watch' || watches === undefined) return leave;
    const leaveAll = () => {
      leave();
      return shared.exchange(id, demand);
    };
    // Reports before reading, so that of two concurrent requests at least one sees the other.
    await shared.exchange(id, demand);
    if (gate.watches + shared.watchesOfOthers(id) <= watches) return leaveAll;
    await leaveAll();
    throw refused('watches', limits, WATCH_RETRY_SECONDS);
  }

  #gateOf(id: string): TenantGate {
    const gate = this.#gates.get(id) ?? new TenantGate();
    // Reinserted as the most recently used.
    this.#gates.delete(id);
    this.#gates.set(id, gate);
    for (const [oldest, one] of this.#gates) {
      if (this.#gates.size <= MAX_GATES || !one.isIdle) break;
      this.#gates.delete(oldest);
    }
    return gate;
  }
}
