/**
 * Metrics of authentication and authorization
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/metrics.go).
 */

import type { Decision } from '../../authz/authorizer.ts';
import { exponentialBuckets } from '../../metrics/buckets.ts';
import type { Counter, Histogram, MetricsRegistry } from '../../metrics/metrics-registry.ts';

const SECONDS = exponentialBuckets(0.001, 2, 15);

const DAY = 86_400;
/** Remaining lifetimes of certificates. */
const LIFETIMES = [
  0,
  1800,
  3600,
  7200,
  21_600,
  43_200,
  ...[1, 2, 4, 7, 30, 90, 180, 360].map((days) => days * DAY),
];

const DECISIONS: Readonly<Record<Decision, string>> = {
  Allow: 'allowed',
  Deny: 'denied',
  NoOpinion: 'no-opinion',
};

/** `failure`: no credentials, or unknown ones; `error`: invalid credentials. */
export type AuthenticationOutcome = 'success' | 'failure' | 'error';

export class AccessMetrics {
  readonly #users: Counter;
  readonly #attempts: Counter;
  readonly #authenticationSeconds: Histogram;
  readonly #authorizations: Counter;
  readonly #authorizationSeconds: Histogram;
  readonly #decisions: Counter;
  readonly #certificates: Histogram;

  constructor(registry: MetricsRegistry) {
    this.#users = registry.counter({
      name: 'authenticated_user_requests',
      labels: ['username'],
    });
    this.#attempts = registry.counter({
      name: 'authentication_attempts',
      labels: ['result'],
    });
    this.#authenticationSeconds = registry.histogram({
      name: 'authentication_duration_seconds',
      labels: ['result'],
      buckets: SECONDS,
    });
    this.#authorizations = registry.counter({
      name: 'authorization_attempts_total',
      labels: ['result'],
    });
    this.#decisions = registry.counter({
      name: 'apiserver_authorization_decisions_total',
      labels: ['decision', 'name', 'type'],
    });
    this.#certificates = registry.histogram({
      name: 'apiserver_client_certificate_expiration_seconds',
      labels: [],
      buckets: LIFETIMES,
    });
    this.#authorizationSeconds = registry.histogram({
      name: 'authorization_duration_seconds',
      labels: ['result'],
      buckets: SECONDS,
    });
  }

  /** A verified client certificate, and the seconds until it expires. */
  certificateUsed(seconds: number): void {
    this.#certificates.observe([], seconds);
  }

  authenticated(result: AuthenticationOutcome, seconds: number, username = ''): void {
    this.#attempts.add([result]);
    this.#authenticationSeconds.observe([result], seconds);
    if (result === 'success') this.#users.add([compressUsername(username)]);
  }

  /** Counts a decision by the authorizer that ended the chain. */
  decided({ decision, name, type }: Readonly<Record<'decision' | 'name' | 'type', string>>): void {
    this.#decisions.add([decision, name, type]);
  }

  authorized(decision: Decision | 'error', seconds: number): void {
    const result = decision === 'error' ? decision : DECISIONS[decision];
    this.#authorizations.add([result]);
    this.#authorizationSeconds.observe([result], seconds);
  }
}

const KNOWN_USERS = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
]);

/** Maps user names to a bounded set of labels, like upstream. */
function compressUsername(username: string): string {
  if (KNOWN_USERS.has(username)) return username;
  return username.includes('@') ? 'email_id' : 'other';
}
