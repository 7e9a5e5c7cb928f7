/** Between the router and the tenants of a process: each within its limits, in turns with the others, and counted. */

import { StatusError } from '../meta/status-error.ts';
import type { ApiRequest, ApiResponse } from '../request/api-request.ts';
import { withRelease } from '../util/with-release.ts';
import { earlyAnswer } from './early-answer.ts';
import { FairTurns, type FairTurnsOptions } from './fair-turns.ts';
import type { SharedLimits } from './shared-limits.ts';
import type { TenantEntry } from './tenant-directory.ts';
import {
  kindOf,
  type RequestKind,
  refused,
  TenantGate,
  type TenantLimits,
  WATCH_AGAIN_SECONDS,
} from './tenant-limits.ts';
import type { UsageMeter } from './tenant-usage.ts';

export interface TenantTrafficOptions {
  readonly usage: UsageMeter;
  readonly turns?: FairTurnsOptions | undefined;
  /** Where other processes serve the same tenants. */
  readonly shared?: SharedLimits | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

/** As many as keep a processor busy while some of them wait for the table; half of them are anybody's. */
const TURNS: FairTurnsOptions = { atOnce: 32, atOnceOfOne: 16, countedMs: 200 };

/** Tenants whose pace is remembered. */
const MAX_GATES = 5_000;

export class TenantTraffic {
  readonly #usage: UsageMeter;
  readonly #turns: FairTurns;
  readonly #now: () => number;
  readonly #shared: SharedLimits | undefined;
  readonly #gates = new Map<string, TenantGate>();

  constructor({ usage, turns = TURNS, shared, now = () => performance.now() }: TenantTrafficOptions) {
    this.#usage = usage;
    this.#turns = new FairTurns(turns);
    this.#now = now;
    this.#shared = shared;
  }

  /** Serves by `serve`, or answers 429. Rejects with what `serve` rejects with. */
  async run(
    { id, name, limits = {} }: TenantEntry,
    request: ApiRequest,
    serve: (request: ApiRequest) => Promise<ApiResponse>,
  ): Promise<ApiResponse> {
    const gate = this.#gateOf(id);
    const kind = kindOf(request);
    let leave: () => void | Promise<void>;
    let told: Promise<void> | undefined;
    try {
      leave = await this.#enter(id, { gate, limits, kind });
      if (limits.requestsPerSecond !== undefined)
        told = this.#shared?.keepUp(id, () => gate.demand(this.#now()));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#usage.refused(id);
      return earlyAnswer(request, error, name);
    }
    const over = await this.#turns.take(id);
    let isStream = false;
    try {
      const { readBody, onEnd } = request;
      const answer = await serve({
        ...request,
        // Users of two tenants may have one name.
        ...(readBody && { readBody: (maxBytes, user) => readBody(maxBytes, `${id}/${user}`) }),
        onEnd: (record) => {
          this.#usage.ended(id, record);
          onEnd?.({ ...record, tenant: name });
        },
      });
      if (answer.body instanceof Uint8Array) return answer;
      isStream = true;
      return { ...answer, body: withRelease(answer.body, request.signal, leave) };
    } finally {
      over();
      // Whoever is frozen once this is answered has no other time.
      await told;
      if (!isStream) await leave();
    }
  }

  /** Returns what ends the request; throws StatusError where limits are reached, here or by all processes together. */
  async #enter(
    id: string,
    { gate, limits, kind }: { gate: TenantGate; limits: TenantLimits; kind: RequestKind },
  ): Promise<() => void | Promise<void>> {
    const shared = this.#shared;
    const { requestsPerSecond, watches } = limits;
    const own =
      shared === undefined || requestsPerSecond === undefined
        ? limits
        : { ...limits, requestsPerSecond: shared.requestsPerSecond(id, requestsPerSecond) };
    const leave = gate.enter(own, kind, this.#now());
    if (shared === undefined || kind !== 'watch' || watches === undefined) return leave;
    const exchange = () => shared.exchange(id, () => gate.demand(this.#now()));
    const leaveAll = () => {
      leave();
      return exchange();
    };
    // Said before it is heard, so that of two who come at once one at least hears of the other.
    await exchange();
    if (gate.watches + shared.watchesOfOthers(id) <= watches) return leaveAll;
    await leaveAll();
    throw refused(WATCH_AGAIN_SECONDS);
  }

  #gateOf(id: string): TenantGate {
    const gate = this.#gates.get(id) ?? new TenantGate();
    // Set anew, it is the most recently used.
    this.#gates.delete(id);
    this.#gates.set(id, gate);
    for (const [oldest, one] of this.#gates) {
      if (this.#gates.size <= MAX_GATES || !one.isIdle) break;
      this.#gates.delete(oldest);
    }
    return gate;
  }
}
