/**
 * Work that many processes may start but only one performs: claimed by one object, whose owner shows by a heartbeat
 * that it is alive.
 */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../util/clock.ts';
import { isStorageError, StorageError } from './errors.ts';
import type { StoredRecord } from './record-config.ts';
import type { Storage } from './storage.ts';

/** Stored state of the work. */
export interface Claim extends StoredRecord {
  /** The highest version of the work that was completed; 0: none. */
  readonly done: number;
  /** The state for which it was completed; absent: ''. */
  readonly state?: string | undefined;
  /** The process that performs it now; '': none. */
  readonly owner: string;
  /** Heartbeat: changes for as long as the owner lives. */
  readonly beat: number;
}

interface OnceTiming {
  /**
   * Time without a heartbeat after which an owner counts as dead: by the watcher's own clock, so clock skew doesn't
   * matter.
   */
  readonly patienceMs: number;
  readonly beatMs: number;
  readonly pollMs: number;
  /** Maximum time to wait for another process. */
  readonly waitMs: number;
}

const ONCE_TIMING: OnceTiming = { patienceMs: 10_000, beatMs: 2_000, pollMs: 250, waitMs: 25_000 };

export interface OnceOptions {
  readonly claims: Storage<Claim>;
  readonly name: string;
  /** Raised when the work changes, so that it is done again. Processes with a lower version do nothing. */
  readonly version: number;
  /** Other input of the work: for a different value it is done again. Absent: ''. */
  readonly state?: string | undefined;
  readonly clock: Clock;
  /**
   * Must be idempotent: an owner that was frozen may continue beside its successor. `done`: the highest completed
   * version; 0: none.
   */
  readonly run: (done: number) => Promise<void>;
  readonly timing?: Partial<OnceTiming>;
}

/**
 * Resolves when the work has been done, by this process or another; costs one read if it was done before. Rejects with
 * any error of `run`, after releasing the claim, and with `Timeout` when another process takes too long.
 */
export async function once(options: OnceOptions): Promise<void> {
  const { claims, name, clock } = options;
  const timing = { ...ONCE_TIMING, ...options.timing };
  const startedAt = clock.monotonic();
  let seen: { readonly revision: number; readonly at: number } | undefined;
  for (;;) {
    const stored = await find(claims, name);
    const claim = stored?.object();
    if (claim !== undefined && isDone(claim, options)) return;
    const revision = stored?.resourceVersion ?? 0;
    if (seen?.revision !== revision) seen = { revision, at: clock.monotonic() };
    const isFree = !claim?.owner || clock.monotonic() - seen.at >= timing.patienceMs;
    if (isFree) {
      const owner = randomUUID();
      if (await take(options, { owner, revision }))
        return await work(options, owner, { done: claim?.done ?? 0, beatMs: timing.beatMs });
    } else if (clock.monotonic() - startedAt >= timing.waitMs) {
      throw new StorageError('Timeout', `another process is still at work on ${name}`);
    }
    await clock.sleep(timing.pollMs);
  }
}

function isDone({ done, state = '' }: Claim, { version, state: wanted = '' }: OnceOptions): boolean {
  return done >= version && state === wanted;
}

async function work(
  options: OnceOptions,
  owner: string,
  { done, beatMs }: { readonly done: number; readonly beatMs: number },
): Promise<void> {
  const { clock, run } = options;
  const stopped = new AbortController();
  const beating = (async () => {
    for (;;) {
      await clock.sleep(beatMs, stopped.signal);
      // An owner whose claim was taken over continues: the work is idempotent.
      if (stopped.signal.aborted || !(await change(options, owner, { owner }))) return;
    }
  })();
  try {
    await run(done);
  } catch (error) {
    stopped.abort();
    await beating;
    await change(options, owner, { owner: '' });
    throw error;
  }
  stopped.abort();
  await beating;
  await finish(options);
}

class NotOurs extends Error {}

/** Takes over the claim in the state read; false if another process was faster. */
async function take(
  { claims, name }: OnceOptions,
  { owner, revision }: { readonly owner: string; readonly revision: number },
): Promise<boolean> {
  try {
    await claims.guaranteedUpdate(name, {
      ignoreNotFound: true,
      tryUpdate: async (current, resourceVersion) => {
        if (resourceVersion !== revision) throw new NotOurs();
        const { done = 0, beat = 0, state } = current ?? {};
        return { object: { metadata: { name }, done, state, owner, beat: beat + 1 } };
      },
    });
    return true;
  } catch (error) {
    if (error instanceof NotOurs) return false;
    throw error;
  }
}

/**
 * Changes this process's own claim; false if it is no longer its own, or if the store doesn't answer: the claim is only
 * advisory.
 */
async function change(
  { claims, name }: OnceOptions,
  owner: string,
  change: { readonly owner: string },
): Promise<boolean> {
  try {
    await claims.guaranteedUpdate(name, {
      tryUpdate: async (current) => {
        if (current?.owner !== owner) throw new NotOurs();
        return {
          object: { ...current, metadata: { name }, owner: change.owner, beat: current.beat + 1 },
        };
      },
    });
    return true;
  } catch (error) {
    if (error instanceof NotOurs || isStorageError(error)) return false;
    throw error;
  }
}

/** Marks the work as done, regardless of the claim's owner. */
async function finish({ claims, name, version, state }: OnceOptions): Promise<void> {
  await claims.guaranteedUpdate(name, {
    ignoreNotFound: true,
    tryUpdate: async (current) => {
      const done = Math.max(current?.done ?? 0, version);
      return { object: { metadata: { name }, done, state, owner: '', beat: (current?.beat ?? 0) + 1 } };
    },
  });
}

async function find<T>(storage: Storage<T>, key: string) {
  try {
    return await storage.get(key);
  } catch (error) {
    if (isStorageError(error, 'KeyNotFound')) return undefined;
    throw error;
  }
}
