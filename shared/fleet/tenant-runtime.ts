/** The tenants loaded in one process: each is loaded by its first request and dropped after some idle time. */

import type { ApiHandler, ApiRequest, ApiResponse } from '../request/api-request.ts';
import { withRelease } from '../util/with-release.ts';
import type { TenantEntry } from './tenant-directory.ts';

/** A tenant's control plane in this process. */
export interface LoadedTenant {
  readonly handler: ApiHandler;
  /** Ends watches; other requests continue. */
  drain(): void;
  /** Resolves when it has no background work. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface TenantRuntimeOptions<T extends LoadedTenant> {
  /** May be called for a tenant while an earlier instance of it is still closing. */
  readonly open: (entry: TenantEntry) => Promise<T>;
  /** Milliseconds without a request after which a tenant is dropped. */
  readonly idleMs: number;
  /** Maximum number of loaded tenants; the least recently used are dropped first, those with running requests never. */
  readonly maxLoaded: number;
  /** Whether memory is short: then every load and every sweep drops one idle tenant. */
  readonly isShort?: (() => boolean) | undefined;
  readonly onError: (message: string, error: unknown) => void;
}

export class TenantRuntime<T extends LoadedTenant> {
  readonly #options: TenantRuntimeOptions<T>;
  /** Least recently used first. */
  readonly #slots = new Map<string, Slot<T>>();
  readonly #ending = new Set<Promise<void>>();
  #openedIn = 0;

  constructor(options: TenantRuntimeOptions<T>) {
    this.#options = options;
  }

  get idleMs(): number {
    return this.#options.idleMs;
  }

  /** Milliseconds that the last load took. */
  get openedIn(): number {
    return this.#openedIn;
  }

  /** Names of the loaded tenants. */
  names(): string[] {
    return [...this.#slots.keys()];
  }

  /** Keeps the tenant in use until `run` has settled. Rejects with any error of `open`. */
  async use<R>(entry: TenantEntry, run: (tenant: T) => Promise<R>): Promise<R> {
    const slot = this.#acquire(entry);
    try {
      return await run(await slot.tenant);
    } finally {
      slot.release();
    }
  }

  /** Keeps the tenant in use until the last byte of the response. Rejects with any error of `open`. */
  async serve(entry: TenantEntry, request: ApiRequest): Promise<ApiResponse> {
    const slot = this.#acquire(entry);
    let isStream = false;
    try {
      const answer = await (await slot.tenant).handler(request);
      const { body } = answer;
      if (body instanceof Uint8Array) return answer;
      isStream = true;
      return { ...answer, body: withRelease(body, request.signal, () => slot.release()) };
    } finally {
      if (!isStream) slot.release();
    }
  }

  /** Ends a tenant's watches, and resolves when its running requests have ended and it is closed. */
  async drop(name: string): Promise<void> {
    const slot = this.#slots.get(name);
    if (slot !== undefined) await this.#drop(name, slot);
  }

  /** Like `drop`, unless the tenant was loaded for a different entry. */
  async retire(entry: TenantEntry): Promise<void> {
    if (this.#slots.get(entry.name)?.fingerprint === fingerprintOf(entry)) await this.drop(entry.name);
  }

  /** Drops idle tenants. Must be called periodically. */
  sweep(): void {
    const since = performance.now() - this.#options.idleMs;
    for (const [name, slot] of this.#slots) {
      if (!slot.isRunning && slot.usedAt < since) void this.#drop(name, slot);
    }
    if (this.#options.isShort?.()) this.#dropIdle();
  }

  /** Resolves when no loaded tenant has background work. */
  async idle(): Promise<void> {
    const tenants = [...this.#slots.values()].map(async ({ tenant }) => (await tenant).idle());
    await Promise.allSettled(tenants);
  }

  /** Ends all watches; requests are still accepted. */
  drain(): void {
    for (const slot of this.#slots.values()) void slot.drain();
  }

  /** Resolves when everything is closed. */
  async close(): Promise<void> {
    for (const [name, slot] of this.#slots) void this.#drop(name, slot);
    await Promise.all(this.#ending);
  }

  #acquire(entry: TenantEntry): Slot<T> {
    const { name } = entry;
    const fingerprint = fingerprintOf(entry);
    let slot = this.#slots.get(name);
    if (slot !== undefined && slot.fingerprint !== fingerprint) {
      void this.#drop(name, slot);
      slot = undefined;
    }
    if (slot === undefined) {
      if (this.#options.isShort?.()) this.#dropIdle();
      slot = this.#open(entry, fingerprint);
    }
    // Reinserted as the most recently used.
    this.#slots.delete(name);
    this.#slots.set(name, slot);
    slot.acquire();
    this.#makeRoom();
    return slot;
  }

  #open(entry: TenantEntry, fingerprint: string): Slot<T> {
    const begin = performance.now();
    const slot = new Slot(this.#options.open(entry), fingerprint);
    slot.tenant.then(
      () => {
        this.#openedIn = performance.now() - begin;
      },
      // A failure reaches only the current waiters; the next request tries again.
      () => {
        if (this.#slots.get(entry.name) === slot) this.#slots.delete(entry.name);
      },
    );
    return slot;
  }

  #makeRoom(): void {
    for (const [name, slot] of this.#slots) {
      if (this.#slots.size <= this.#options.maxLoaded) return;
      if (!slot.isRunning) void this.#drop(name, slot);
    }
  }

  /** Drops the least recently used tenant that is not in use. */
  #dropIdle(): void {
    for (const [name, slot] of this.#slots) {
      if (slot.isRunning) continue;
      void this.#drop(name, slot);
      return;
    }
  }

  #drop(name: string, slot: Slot<T>): Promise<void> {
    this.#slots.delete(name);
    const ending = slot
      .end()
      .catch((error: unknown) => this.#options.onError(`closing control plane ${name} failed`, error))
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    return ending;
  }
}

class Slot<T extends LoadedTenant> {
  readonly tenant: Promise<T>;
  readonly fingerprint: string;
  usedAt = performance.now();
  #running = 0;
  #whenIdle: (() => void) | undefined;

  constructor(tenant: Promise<T>, fingerprint: string) {
    this.tenant = tenant;
    this.fingerprint = fingerprint;
  }

  get isRunning(): boolean {
    return this.#running > 0;
  }

  acquire(): void {
    this.#running++;
  }

  release(): void {
    this.#running--;
    this.usedAt = performance.now();
    if (this.#running === 0) this.#whenIdle?.();
  }

  /** Ends watches, now or once the tenant is loaded. */
  async drain(): Promise<T | undefined> {
    const tenant = await this.tenant.catch(() => undefined);
    tenant?.drain();
    return tenant;
  }

  /** Closes the tenant when its requests have ended; it must not be acquired any more. */
  async end(): Promise<void> {
    const tenant = await this.drain();
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await tenant?.close();
  }
}

/** The fields whose change requires a new server. */
function fingerprintOf(entry: TenantEntry): string {
  const { id, table, arguments: flags, version, adminARNs, endpoint, authorities, files } = entry;
  return JSON.stringify([id, table, flags, version, adminARNs, endpoint, authorities, files]);
}
