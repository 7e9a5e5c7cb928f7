/** https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/audit.go */

import {
  type AuditBackend,
  IgnoreErrorsAuditBackend,
  type LogAuditError,
  UnionAuditBackend,
} from '../audit/backend.ts';
import { BufferedAuditBackend } from '../audit/buffered-backend.ts';
import { type AuditLogFormat, LogAuditBackend } from '../audit/log-backend.ts';
import { openAuditLog } from '../audit/log-file.ts';
import { PolicyRuleEvaluator } from '../audit/policy-evaluator.ts';
import { TruncateAuditBackend } from '../audit/truncate-backend.ts';
import { WebhookAuditBackend } from '../audit/webhook-backend.ts';
import type { AuditConfig } from '../endpoints/filters/audit.ts';
import { GenericWebhook, webhookBackoff } from '../request/webhook/generic-webhook.ts';
import type { CompletedOptions } from './completed-options.ts';
import type { ConfigFiles } from './config-files.ts';

export const AUDIT_MODES = ['batch', 'blocking', 'blocking-strict'];

interface BackendOptions {
  readonly mode: string;
  readonly maxBatchSize: number;
  readonly truncate: boolean;
}

/** `batch` lets requests go on, `blocking` doesn't, `blocking-strict` fails those whose events can't be kept. */
function wrap(
  backend: AuditBackend,
  { mode, maxBatchSize, truncate }: BackendOptions,
  options: CompletedOptions,
  logError: LogAuditError,
): AuditBackend {
  let wrapped = backend;
  if (mode === 'blocking') wrapped = new IgnoreErrorsAuditBackend(backend);
  if (mode === 'batch') {
    const { auditBatchBufferSize: bufferSize, auditBatchMaxWaitSeconds } = options;
    const batches = { bufferSize, maxBatchSize, maxBatchWaitMs: auditBatchMaxWaitSeconds * 1000 };
    wrapped = new BufferedAuditBackend(backend, batches, logError);
  }
  if (!truncate) return wrapped;
  const { auditTruncateMaxEventSize: maxEventSize, auditTruncateMaxBatchSize } = options;
  return new TruncateAuditBackend(
    wrapped,
    { maxEventSize, maxBatchSize: auditTruncateMaxBatchSize },
    logError,
  );
}

function logBackend(options: CompletedOptions, logError: LogAuditError): AuditBackend {
  const write = openAuditLog({
    path: options.auditLogPath,
    maxSizeMB: options.auditLogMaxSize,
    maxBackups: options.auditLogMaxBackup,
    maxAgeDays: options.auditLogMaxAge,
  });
  const backend = new LogAuditBackend(write, options.auditLogFormat as AuditLogFormat, logError);
  const { auditLogMode: mode, auditLogTruncateEnabled: truncate } = options;
  return wrap(backend, { mode, maxBatchSize: 1, truncate }, options, logError);
}

function webhookBackend(
  options: CompletedOptions,
  files: ConfigFiles,
  logError: LogAuditError,
): AuditBackend {
  const client = new GenericWebhook(files.auditWebhookConfigFile!);
  const backoff = webhookBackoff(options.auditWebhookInitialBackoffSeconds * 1000);
  const backend = new WebhookAuditBackend(client, backoff, logError);
  const { auditWebhookMode: mode, auditWebhookTruncateEnabled: truncate } = options;
  return wrap(backend, { mode, maxBatchSize: options.auditWebhookBatchMaxSize, truncate }, options, logError);
}

/** Undefined unless there is a policy and somewhere for events to go. */
export function buildAudit(
  options: CompletedOptions,
  files: ConfigFiles,
  { logError, flushEachRequest }: { readonly logError: LogAuditError; readonly flushEachRequest: boolean },
): AuditConfig | undefined {
  const { auditPolicyFile: policy } = files;
  if (policy === undefined) return undefined;
  const backends: AuditBackend[] = [];
  if (options.auditLogPath !== '') backends.push(logBackend(options, logError));
  if (options.auditWebhookConfigFile !== '') backends.push(webhookBackend(options, files, logError));
  if (backends.length === 0) return undefined;
  const evaluator = new PolicyRuleEvaluator(policy);
  return { evaluator, backend: new UnionAuditBackend(backends), flushEachRequest };
}
