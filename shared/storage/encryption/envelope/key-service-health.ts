import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyService } from './key-service.ts';

/** Milliseconds for which a result is cached. Upstream's values. */
const WELL_MS = 20_000;
const ILL_MS = 3_000;
const PROBE_BYTES = 32;

/** Health of a key service, probed for health checks at most every few seconds. */
export class KeyServiceHealth {
  readonly #service: KeyService;
  readonly #now: () => number;
  #last: { readonly answer: Promise<void>; until: number } | undefined;

  constructor(service: KeyService, now = Date.now) {
    this.#service = service;
    this.#now = now;
  }

  /** Rejects with the reason if the key service doesn't work. */
  check(): Promise<void> {
    if (this.#last === undefined || this.#now() >= this.#last.until) {
      const last = { answer: this.#probe(), until: this.#now() + WELL_MS };
      this.#last = last;
      last.answer.catch(() => {
        last.until = this.#now() + ILL_MS;
      });
    }
    return this.#last.answer;
  }

  async #probe(): Promise<void> {
    const plain = randomBytes(PROBE_BYTES);
    const opened = await this.#service.decrypt(await this.#service.encrypt(plain, {}));
    if (opened.length !== plain.length || !timingSafeEqual(opened, plain)) {
      throw new Error('the key service does not decrypt what it encrypted');
    }
  }
}
