/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/token/cache/cached_token_authenticator.go */

import { BoundedCache } from '../../util/bounded-cache.ts';
import type { AuthenticationRecorder, AuthenticatorResponse, TokenAuthenticator } from '../authenticator.ts';
import { SecretIndex } from '../secret-index.ts';

interface Record {
  readonly answer: Promise<AuthenticatorResponse | undefined>;
  readonly annotations: [string, string][];
  readonly warnings: string[];
}

export interface TokenCacheOptions {
  /** Milliseconds for which successes, and failures, are cached; 0: not at all. */
  readonly successTTL: number;
  readonly failureTTL: number;
  /** Whether errors are cached as failures are. */
  readonly cacheErrors: boolean;
  readonly now?: () => number;
}

const MAX_RECORDS = 32 * 1024;

/** Caches results for a short time. Tokens themselves are not stored. */
export class CachedTokenAuthenticator implements TokenAuthenticator {
  readonly #delegate: TokenAuthenticator;
  readonly #options: TokenCacheOptions;
  readonly #index = new SecretIndex();
  /** Concurrent requests for the same token share one pending result. */
  readonly #records: BoundedCache<string, Record>;

  constructor(delegate: TokenAuthenticator, options: TokenCacheOptions) {
    this.#delegate = delegate;
    this.#options = options;
    this.#records = new BoundedCache({ max: MAX_RECORDS, ...(options.now && { now: options.now }) });
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    const key = this.#index.keyOf(token, ...audiences);
    const record = this.#records.get(key) ?? this.#ask(key, token, audiences);
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
    const record: Record = { answer, annotations, warnings };
    this.#records.set(key, record);
    const { successTTL, failureTTL, cacheErrors } = this.#options;
    const settle = (ttl: number) => {
      if (ttl > 0) this.#records.set(key, record, ttl);
      else this.#records.delete(key, record);
    };
    answer.then(
      (response) => settle(response === undefined ? failureTTL : successTTL),
      () => settle(cacheErrors ? failureTTL : 0),
    );
    return record;
  }
}
