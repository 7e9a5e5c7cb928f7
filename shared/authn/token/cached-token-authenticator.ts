/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/token/cache/cached_token_authenticator.go */

import type { AuthenticationRecorder, AuthenticatorResponse, TokenAuthenticator } from '../authenticator.ts';
import { SecretIndex } from '../secret-index.ts';

interface Record {
  readonly answer: Promise<AuthenticatorResponse | undefined>;
  readonly annotations: [string, string][];
  readonly warnings: string[];
  /** Milliseconds since the epoch; infinite while the answer is awaited, which all who ask meanwhile share. */
  expiresAt: number;
}

export interface TokenCacheOptions {
  /** Milliseconds that a known token is believed, and an unknown one refused, without asking again; 0: not at all. */
  readonly successTTL: number;
  readonly failureTTL: number;
  /** Whether errors are remembered as refusals are. */
  readonly cacheErrors: boolean;
  readonly now?: () => number;
}

const MAX_RECORDS = 32 * 1024;

/** Remembers answers for a short while; tokens themselves are not kept. */
export class CachedTokenAuthenticator implements TokenAuthenticator {
  readonly #delegate: TokenAuthenticator;
  readonly #options: TokenCacheOptions;
  readonly #now: () => number;
  readonly #index = new SecretIndex();
  readonly #records = new Map<string, Record>();

  constructor(delegate: TokenAuthenticator, options: TokenCacheOptions) {
    this.#delegate = delegate;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    const key = this.#index.keyOf(token, ...audiences);
    let record = this.#records.get(key);
    if (record === undefined || record.expiresAt <= this.#now()) record = this.#ask(key, token, audiences);
    const response = await record.answer;
    for (const [name, value] of record.annotations) recorder?.addAuditAnnotation(name, value);
    for (const text of record.warnings) recorder?.addWarning(text);
    return response;
  }

  #ask(key: string, token: string, audiences: readonly string[]): Record {
    const annotations: [string, string][] = [];
    const warnings: string[] = [];
    const answer = this.#delegate.authenticateToken(token, audiences, {
      addAuditAnnotation: (name, value) => annotations.push([name, value]),
      addWarning: (text) => warnings.push(text),
    });
    const record: Record = { answer, annotations, warnings, expiresAt: Number.POSITIVE_INFINITY };
    this.#makeRoom();
    this.#records.set(key, record);
    const { successTTL, failureTTL, cacheErrors } = this.#options;
    const settle = (ttl: number) => {
      if (ttl > 0) record.expiresAt = this.#now() + ttl;
      else if (this.#records.get(key) === record) this.#records.delete(key);
    };
    answer.then(
      (response) => settle(response === undefined ? failureTTL : successTTL),
      () => settle(cacheErrors ? failureTTL : 0),
    );
    return record;
  }

  /** Drops what has expired, then the oldest. */
  #makeRoom(): void {
    if (this.#records.size < MAX_RECORDS) return;
    const now = this.#now();
    for (const [key, { expiresAt }] of this.#records) if (expiresAt <= now) this.#records.delete(key);
    for (const key of this.#records.keys()) {
      if (this.#records.size < MAX_RECORDS) return;
      this.#records.delete(key);
    }
  }
}
