/** Follows changes of definitions through their log while something outlives its request: watches. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Definition } from '../../apis/apiextensions/definition.ts';
import type { Storage } from '../../storage/storage.ts';

/** Delay before a broken watch is restarted. */
const RETRY_MS = 1_000;

export interface DefinitionFollowerOptions {
  readonly storage: Storage<Definition>;
  /** Called when following starts or restarts, to find earlier writes. If it rejects, it is called again. */
  readonly catchUp: () => Promise<void>;
  /**
   * Called when a definition was written, or deleted, with `resourceVersion` undefined. If it rejects, `catchUp` is
   * called.
   */
  readonly changed: (name: string, resourceVersion: number | undefined) => Promise<void>;
}

/** Costs nothing without holders, otherwise as much as one more watch. */
export class DefinitionFollower {
  readonly #options: DefinitionFollowerOptions;
  #holders = 0;
  #following: AbortController | undefined;

  constructor(options: DefinitionFollowerOptions) {
    this.#options = options;
  }

  /** Follows until the returned function is called. */
  hold(): () => void {
    if (this.#holders++ === 0) {
      this.#following = new AbortController();
      void this.#follow(this.#following.signal);
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders === 0) this.#following?.abort();
    };
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#followOnce(signal);
      } catch {
        // Catching up recovers from any failure.
      }
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #followOnce(signal: AbortSignal): Promise<void> {
    const { storage, catchUp, changed } = this.#options;
    const watch = await storage.watch({ prefix: '', sendInitialEvents: false, signal });
    await catchUp();
    for await (const event of watch) {
      if (event.type === 'BOOKMARK') continue;
      await changed(event.item.key, event.type === 'DELETED' ? undefined : event.item.resourceVersion);
    }
  }
}
