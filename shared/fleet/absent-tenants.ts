/**
 * Answers requests for tenants that don't exist exactly as an existing tenant answers a caller it can't authenticate,
 * so that responses don't reveal tenants' names. The responses come from the placeholder tenant, a control plane like
 * any other except that it accepts no credential.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { newServiceUnavailable } from '../meta/status-error.ts';
import type { ApiRequest, ApiResponse } from '../request/api-request.ts';
import { TENANT_NAME } from './control-plane.ts';
import { earlyAnswer, permanentAnswer } from './early-answer.ts';
import type { SignedBy } from './own-credentials.ts';
import { hasCredential } from './placeholder-tenant.ts';
import type { TenantEntry, TenantState } from './tenant-directory.ts';
import { type LoadedTenant, TenantRuntime } from './tenant-runtime.ts';

export interface AbsentTenantsOptions {
  readonly runtime: Pick<TenantRuntime<LoadedTenant>, 'serve' | 'openedIn' | 'idleMs'>;
  /** The placeholder tenant. */
  readonly placeholder: TenantEntry;
  /** Verifies with a tenant's keys; the caller releases them with `close`. */
  readonly signatures: (entry: TenantEntry) => Signatures;
  readonly sleep?: ((ms: number) => Promise<unknown>) | undefined;
}

export interface Signatures {
  readonly signedBy: SignedBy;
  close(): void;
}

const SWEEP_MS = 10_000;
/** Upper bound of the simulated load time, for a process that is too busy to load tenants quickly. */
const MAX_WAIT_MS = 1_000;
/** Recently requested names; each takes very little memory. */
const MAX_NAMES = 10_000;

/**
 * Responses of a tenant that doesn't serve now, for callers with a credential it has signed. Without Retry-After where
 * waiting alone changes nothing: client-go would wait that long, ten times.
 */
const CLOSED: Partial<Record<TenantState, (request: ApiRequest, name: string) => ApiResponse>> = {
  Suspended: (request, name) =>
    permanentAnswer(request, newServiceUnavailable(`control plane ${name} is suspended`), name),
  Moving: (request, name) =>
    earlyAnswer(request, newServiceUnavailable(`the data of control plane ${name} is being moved`, 1), name),
};

/** Stand-in for a tenant that doesn't serve or doesn't exist. */
interface StandIn extends LoadedTenant {
  /** Absent: the tenant has no keys that could have signed anything. */
  readonly signedBy: SignedBy | undefined;
}

export class AbsentTenants {
  readonly placeholder: TenantEntry;
  readonly #runtime: AbsentTenantsOptions['runtime'];
  /**
   * Loads and caches stand-ins as the runtime does tenants, so that response times don't reveal whether a name exists.
   */
  readonly #standIns: TenantRuntime<StandIn>;
  #sweptAt = performance.now();

  constructor({ runtime, placeholder, signatures, sleep = pause }: AbsentTenantsOptions) {
    this.placeholder = placeholder;
    this.#runtime = runtime;
    this.#standIns = new TenantRuntime({
      open: async (entry) => {
        // Simulates the time it takes to load a tenant.
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
   * Tells callers with a credential that the tenant has signed why it doesn't serve. For tenants that are being created
   * or deleted no credential is accepted. Rejects if the placeholder tenant can't be loaded.
   */
  async serve(name: string, entry: TenantEntry | undefined, request: ApiRequest): Promise<ApiResponse> {
    if (!hasCredential(request) || !TENANT_NAME.test(name)) return this.#fromPlaceholder(request);
    this.#sweep();
    const refusal = entry && CLOSED[entry.state];
    const at = refusal === undefined ? { ...this.placeholder, name } : entry!;
    return this.#standIns.use(at, async ({ signedBy, handler }) =>
      refusal !== undefined && (await signedBy?.(request)) ? refusal(request, name) : handler(request),
    );
  }

  close(): Promise<void> {
    return this.#standIns.close();
  }

  #sweep(): void {
    if (performance.now() - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = performance.now();
    this.#standIns.sweep();
  }

  #fromPlaceholder(request: ApiRequest): Promise<ApiResponse> {
    return this.#runtime.serve(this.placeholder, request);
  }
}
