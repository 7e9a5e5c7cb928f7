/**
 * Who asks for a tenant that isn't there hears what anybody hears of one that is and doesn't know him: names are not to
 * be found out by asking. He is served by nobody's control plane, which is one as any other, but that no credential is
 * good in it.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { newServiceUnavailable } from '../meta/status-error.ts';
import type { ApiRequest, ApiResponse } from '../request/api-request.ts';
import { TENANT_NAME } from './control-plane.ts';
import { earlyAnswer, lastingAnswer } from './early-answer.ts';
import type { SignedBy } from './own-credentials.ts';
import { bearsCredential } from './placeholder-tenant.ts';
import type { TenantEntry, TenantState } from './tenant-directory.ts';
import { type LoadedTenant, TenantRuntime } from './tenant-runtime.ts';

export interface StrangersOptions {
  readonly runtime: Pick<TenantRuntime<LoadedTenant>, 'serve' | 'openedIn' | 'idleMs'>;
  /** Nobody's control plane. */
  readonly placeholder: TenantEntry;
  /** By a tenant's keys, which its user lets go of by `close`. */
  readonly signatures: (entry: TenantEntry) => Signatures;
  readonly sleep?: ((ms: number) => Promise<unknown>) | undefined;
}

export interface Signatures {
  readonly signedBy: SignedBy;
  close(): void;
}

const SWEEP_MS = 10_000;
/** A process that is too busy to load tenants keeps nobody waiting for longer. */
const MAX_WAIT_MS = 1_000;
/** Names that were asked for lately; each holds next to nothing. */
const MAX_NAMES = 10_000;

/**
 * What a tenant that serves nothing now answers to whom it has signed something for. No word of when to come again where
 * time alone ends nothing: client-go would wait that long, ten times over.
 */
const CLOSED: Partial<Record<TenantState, (request: ApiRequest, name: string) => ApiResponse>> = {
  Suspended: (request, name) =>
    lastingAnswer(request, newServiceUnavailable(`control plane ${name} is suspended`), name),
  Moving: (request, name) =>
    earlyAnswer(request, newServiceUnavailable(`the data of control plane ${name} is being moved`, 1), name),
};

/** What stands in the place of a tenant that serves nothing, or isn't there. */
interface Door extends LoadedTenant {
  /** Absent: there is nobody who could have signed anything. */
  readonly signedBy: SignedBy | undefined;
}

export class Strangers {
  readonly placeholder: TenantEntry;
  readonly #runtime: StrangersOptions['runtime'];
  /** A name that is not there is as cold at first, and as warm afterwards, as one that is. */
  readonly #doors: TenantRuntime<Door>;
  #sweptAt = performance.now();

  constructor({ runtime, placeholder, signatures, sleep = pause }: StrangersOptions) {
    this.placeholder = placeholder;
    this.#runtime = runtime;
    this.#doors = new TenantRuntime({
      open: async (entry) => {
        // As long as it takes to load a tenant.
        await sleep(Math.min(runtime.openedIn, MAX_WAIT_MS));
        const own = entry.id === placeholder.id ? undefined : signatures(entry);
        return {
          signedBy: own?.signedBy,
          handler: (request) => this.#fromPlaceholder(request),
          drain: () => undefined,
          idle: async () => undefined,
          close: async () => own?.close(),
        };
      },
      idleMs: runtime.idleMs,
      maxLoaded: MAX_NAMES,
      onError: () => undefined,
    });
  }

  /**
   * Who shows what a tenant has signed hears why it serves nothing. One that is being made or deleted knows nobody.
   * Rejects if nobody can't be loaded.
   */
  async serve(name: string, entry: TenantEntry | undefined, request: ApiRequest): Promise<ApiResponse> {
    if (!bearsCredential(request) || !TENANT_NAME.test(name)) return this.#fromPlaceholder(request);
    this.#sweep();
    const told = entry && CLOSED[entry.state];
    const at = told === undefined ? { ...this.placeholder, name } : entry!;
    return this.#doors.use(at, async ({ signedBy, handler }) =>
      told !== undefined && (await signedBy?.(request)) ? told(request, name) : handler(request),
    );
  }

  close(): Promise<void> {
    return this.#doors.close();
  }

  #sweep(): void {
    if (performance.now() - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = performance.now();
    this.#doors.sweep();
  }

  #fromPlaceholder(request: ApiRequest): Promise<ApiResponse> {
    return this.#runtime.serve(this.placeholder, request);
  }
}
