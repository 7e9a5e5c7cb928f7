/** https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/audit.go */

import { type AuditMetrics, CountingAuditBackend } from '../../audit/audit-metrics.ts';
import { type AuditBackend, IgnoreErrorsAuditBackend, UnionAuditBackend } from '../../audit/backend.ts';
import { BufferedAuditBackend } from '../../audit/buffered-backend.ts';
import { LogAuditBackend } from '../../audit/log-backend.ts';
import { openAuditLog } from '../../audit/log-file.ts';
import type { AuditLogFormat } from '../../audit/log-formats.ts';
import { PolicyRuleEvaluator } from '../../audit/policy-evaluator.ts';
import { TruncateAuditBackend } from '../../audit/truncate-backend.ts';
import { WebhookAuditBackend } from '../../audit/webhook-backend.ts';
import type { OfferedCodecs } from '../../endpoints/codec/negotiation.ts';
import { type AuditConfig, withAudit, withFailedAuthenticationAudit } from '../../endpoints/filters/audit.ts';
import type { Filter } from '../../endpoints/routing/handler.ts';
import { GenericWebhook, webhookBackoff } from '../../request/webhook/generic-webhook.ts';
import type { AddressGuard } from '../../util/address-guard.ts';
import { type Clock, systemClock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import type { SharedBytes } from '../../util/shared-bytes.ts';
import type { CompletedOptions } from '../options/completed-options.ts';
import type { ConfigFiles } from '../options/config-files.ts';
import { type AuditBackendOptions, auditBackendOptions } from './audit-options.ts';

/**
 * `batch` doesn't delay requests, `blocking` does, and `blocking-strict` also fails requests whose events can't be
 * written.
 */
function wrap(backend: AuditBackend, options: AuditBackendOptions, parts: WrapParts): AuditBackend {
  const { logger, concurrent } = parts;
  let wrapped = backend;
  if (options.mode === 'blocking') wrapped = new IgnoreErrorsAuditBackend(backend);
  if (options.mode === 'batch') {
    const { batchThrottleQPS: qps, batchThrottleBurst: burst } = options;
    const batches = {
      bufferSize: options.batchBufferSize,
      maxBatchSize: options.batchMaxSize,
      maxBatchWaitMs: options.batchMaxWaitSeconds * 1000,
      throttle: options.batchThrottleEnable ? { qps, burst } : undefined,
      concurrent,
      memory: parts.memory,
    };
    wrapped = new BufferedAuditBackend(backend, batches, logger);
  }
  if (!options.truncateEnabled) return wrapped;
  const { truncateMaxEventSize: maxEventSize, truncateMaxBatchSize: maxBatchSize } = options;
  return new TruncateAuditBackend(wrapped, { maxEventSize, maxBatchSize }, logger);
}

interface WrapParts {
  readonly logger: Logger;
  /** Whether a batch may be sent while another one is in flight. */
  readonly concurrent: boolean;
  readonly memory: SharedBytes | undefined;
}

function logBackend(
  options: CompletedOptions,
  { logger, memory }: Pick<AuditParts, 'logger' | 'memory'>,
): AuditBackend {
  const write = openAuditLog({
    path: options.auditLogPath,
    maxSizeMB: options.auditLogMaxSize,
    maxBackups: options.auditLogMaxBackup,
    maxAgeDays: options.auditLogMaxAge,
    compress: options.auditLogCompress,
  });
  const backend = new LogAuditBackend(write, options.auditLogFormat as AuditLogFormat, logger);
  return wrap(backend, auditBackendOptions(options, 'log'), { logger, concurrent: false, memory });
}

interface WebhookParts extends Pick<AuditParts, 'logger' | 'addresses' | 'memory'> {
  readonly abandoned: AbortSignal;
}

function webhookBackend(
  options: CompletedOptions,
  files: ConfigFiles,
  { logger, addresses, memory, abandoned }: WebhookParts,
): AuditBackend {
  const client = new GenericWebhook(files.auditWebhookConfigFile!, { logger, addresses });
  const backoff = webhookBackoff(options.auditWebhookInitialBackoffSeconds * 1000);
  const backend = new WebhookAuditBackend(client, backoff, logger, abandoned);
  return wrap(backend, auditBackendOptions(options, 'webhook'), { logger, concurrent: true, memory });
}

export interface AuditParts {
  readonly logger: Logger;
  readonly metrics: AuditMetrics;
  readonly flushEachRequest: boolean;
  /** Restricts the addresses of the webhook. */
  readonly addresses: AddressGuard;
  /** Added to each event. */
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** Bounds the memory of waiting events of all control planes in the process. */
  readonly memory: SharedBytes | undefined;
  readonly clock?: Clock | undefined;
}

/** Milliseconds in which a closing server sends the events that wait; the others are lost, which is logged. */
const CLOSING_MS = 5_000;

/** A webhook that does not answer must not keep a server from closing. */
async function closeInTime(backend: AuditBackend, abandoning: AbortController, clock: Clock): Promise<void> {
  const closed = new AbortController();
  const closing = backend.close().finally(() => closed.abort());
  await Promise.race([closing, clock.sleep(CLOSING_MS, closed.signal)]);
  abandoning.abort(new Error('the server has closed'));
  await closing;
}

/** Milliseconds that a request waits for its events to be sent. Those that remain are sent during later requests. */
const FLUSHING_MS = 3_000;

async function flushInTime(backend: AuditBackend, clock: Clock): Promise<void> {
  const flushed = new AbortController();
  const flushing = backend.flush().finally(() => flushed.abort());
  await Promise.race([flushing, clock.sleep(FLUSHING_MS, flushed.signal)]);
}

/** Like `Tracing`, loaded only for servers with a policy. */
export interface Audit {
  /** Must be outside authentication. */
  readonly failedAuthentication: Filter;
  /** Must be inside authentication. */
  filter(codecs: OfferedCodecs): Filter;
  readonly backend: AuditBackend;
  /** Sends waiting events: see `AuditConfig`. */
  readonly flush: AuditConfig['flush'];
  close(): Promise<void>;
}

/** Undefined unless there is both a policy and a backend. */
export function buildAudit(
  options: CompletedOptions,
  files: ConfigFiles,
  { logger, metrics, flushEachRequest, addresses, annotations, memory, clock = systemClock }: AuditParts,
): Audit | undefined {
  const { auditPolicyFile: policy } = files;
  if (policy === undefined) return undefined;
  const backends: AuditBackend[] = [];
  const abandoning = new AbortController();
  const abandoned = abandoning.signal;
  if (options.auditLogPath !== '') backends.push(logBackend(options, { logger, memory }));
  if (options.auditWebhookConfigFile !== '')
    backends.push(webhookBackend(options, files, { logger, addresses, memory, abandoned }));
  if (backends.length === 0) return undefined;
  const evaluator = new PolicyRuleEvaluator(policy);
  const backend = new CountingAuditBackend(new UnionAuditBackend(backends), metrics);
  const close = () => closeInTime(backend, abandoning, clock);
  const flush = flushEachRequest ? () => flushInTime(backend, clock) : undefined;
  const config: AuditConfig = { evaluator, backend, metrics, flush, annotations };
  return {
    failedAuthentication: withFailedAuthenticationAudit(config),
    filter: (codecs) => withAudit(config, codecs),
    backend,
    flush,
    close,
  };
}
