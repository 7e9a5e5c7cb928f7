/**
 * Admission latency and rejections
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/metrics/metrics.go).
 */

import { StatusError } from '../meta/status-error.ts';
import type { Counter, Histogram, MetricsRegistry } from '../metrics/metrics-registry.ts';
import type { AdmissionOperation } from './admission.ts';
import { PodSecurityMetrics } from './podsecurity/pod-security-metrics.ts';

const SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
const WEBHOOK_SECONDS = [...SECONDS, 10, 25];
/** Higher codes are counted as this one, to bound the labels: webhooks can return arbitrary codes. */
const HIGHEST_CODE = 600;

/** Upstream's names of the two admission phases. */
export type AdmissionStep = 'admit' | 'validate';

export type AdmissionObserver = (seconds: number, verdict: 'allowed' | 'rejected') => void;

/** A webhook call. */
export interface WebhookCall {
  readonly name: string;
  readonly sort: 'mutating' | 'validating';
  readonly operation: AdmissionOperation;
}

/** The result of a call. `failed` means that the webhook couldn't be called. */
export interface WebhookOutcome {
  readonly seconds: number;
  readonly error?: unknown;
  readonly failed: boolean;
  readonly failOpen: boolean;
}

export class AdmissionMetrics {
  readonly #steps: Histogram;
  readonly #controllers: Histogram;
  readonly #webhooks: Histogram;
  readonly #webhookRequests: Counter;
  readonly #webhookRejections: Counter;
  readonly #webhookFailsOpen: Counter;
  readonly podSecurity: PodSecurityMetrics;

  constructor(registry: MetricsRegistry) {
    this.podSecurity = new PodSecurityMetrics(registry);
    this.#steps = registry.histogram({
      name: 'apiserver_admission_step_admission_duration_seconds',
      labels: ['operation', 'rejected', 'type'],
      buckets: SECONDS,
    });
    this.#controllers = registry.histogram({
      name: 'apiserver_admission_controller_admission_duration_seconds',
      labels: ['name', 'operation', 'rejected', 'type'],
      buckets: SECONDS,
    });
    this.#webhooks = registry.histogram({
      name: 'apiserver_admission_webhook_admission_duration_seconds',
      labels: ['name', 'operation', 'rejected', 'type'],
      buckets: WEBHOOK_SECONDS,
    });
    this.#webhookRequests = registry.counter({
      name: 'apiserver_admission_webhook_request_total',
      labels: ['code', 'name', 'operation', 'rejected', 'type'],
    });
    this.#webhookRejections = registry.counter({
      name: 'apiserver_admission_webhook_rejection_count',
      labels: ['error_type', 'name', 'operation', 'rejection_code', 'type'],
    });
    this.#webhookFailsOpen = registry.counter({
      name: 'apiserver_admission_webhook_fail_open_count',
      labels: ['name', 'type'],
    });
  }

  /** Observes the latency of a whole phase. */
  stepObserver(type: AdmissionStep, operation: AdmissionOperation): AdmissionObserver {
    return byOutcome((rejected) => this.#steps.observer([operation, rejected, type]));
  }

  /** Observes the latency of a plugin. */
  pluginObserver(name: string, type: AdmissionStep, operation: AdmissionOperation): AdmissionObserver {
    return byOutcome((rejected) => this.#controllers.observer([name, operation, rejected, type]));
  }

  webhook(
    { name, sort, operation }: WebhookCall,
    { seconds, error, failed, failOpen }: WebhookOutcome,
  ): void {
    const type = sort === 'mutating' ? 'admit' : 'validating';
    const rejected = String(error !== undefined && !failOpen);
    const code = error === undefined ? 200 : failed ? FAILED_CODE : codeOf(error);
    this.#webhooks.observe([name, operation, rejected, type], seconds);
    this.#webhookRequests.add([String(code), name, operation, rejected, type]);
    if (failOpen) this.#webhookFailsOpen.add([name, type]);
    else if (error !== undefined) {
      const errorType = failed ? 'calling_webhook_error' : 'no_error';
      this.#webhookRejections.add([errorType, name, operation, String(code), type]);
    }
  }
}

function byOutcome(observer: (rejected: string) => (seconds: number) => void): AdmissionObserver {
  const observers = { allowed: observer('false'), rejected: observer('true') };
  return (seconds, verdict) => observers[verdict](seconds);
}

/** A failed call counts as an answer with code 400. */
const FAILED_CODE = 400;

const codeOf = (error: unknown): number =>
  error instanceof StatusError ? Math.min(error.status.code, HIGHEST_CODE) : 0;
