/**
 * The options common to both audit backends
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/audit.go).
 */

import {
  booleanFlag,
  durationFlag,
  type FlagDefinition,
  floatFlag,
  integerFlag,
  type ParseFlag,
  stringFlag,
} from '../options/flag-types.ts';

export interface AuditBackendOptions {
  readonly mode: string;
  readonly batchBufferSize: number;
  readonly batchMaxSize: number;
  readonly batchMaxWaitSeconds: number;
  readonly batchThrottleEnable: boolean;
  readonly batchThrottleQPS: number;
  readonly batchThrottleBurst: number;
  readonly truncateEnabled: boolean;
  readonly truncateMaxBatchSize: number;
  readonly truncateMaxEventSize: number;
}

type Backend = 'log' | 'webhook';
type OptionOf<B extends Backend, K extends string> = `audit${Capitalize<B>}${Capitalize<K>}`;

/** The server options of one backend: `auditLogMode`, `auditWebhookMode`. */
export type AuditOptions<B extends Backend> = {
  readonly [K in keyof AuditBackendOptions as OptionOf<B, K>]: AuditBackendOptions[K];
};

const FLAGS: {
  readonly [K in keyof AuditBackendOptions]: readonly [flag: string, ParseFlag<AuditBackendOptions[K]>];
} = {
  mode: ['mode', stringFlag],
  batchBufferSize: ['batch-buffer-size', integerFlag],
  batchMaxSize: ['batch-max-size', integerFlag],
  batchMaxWaitSeconds: ['batch-max-wait', durationFlag],
  batchThrottleEnable: ['batch-throttle-enable', booleanFlag],
  batchThrottleQPS: ['batch-throttle-qps', floatFlag],
  batchThrottleBurst: ['batch-throttle-burst', integerFlag],
  truncateEnabled: ['truncate-enabled', booleanFlag],
  truncateMaxBatchSize: ['truncate-max-batch-size', integerFlag],
  truncateMaxEventSize: ['truncate-max-event-size', integerFlag],
};
const FIELDS = Object.keys(FLAGS) as (keyof AuditBackendOptions)[];

const TRUNCATE = {
  truncateEnabled: false,
  truncateMaxBatchSize: 10 * 1024 * 1024,
  truncateMaxEventSize: 100 * 1024,
};
const DEFAULTS: { readonly [B in Backend]: AuditBackendOptions } = {
  log: {
    mode: 'blocking',
    batchBufferSize: 10_000,
    batchMaxSize: 1,
    batchMaxWaitSeconds: 0,
    batchThrottleEnable: false,
    batchThrottleQPS: 0,
    batchThrottleBurst: 0,
    ...TRUNCATE,
  },
  webhook: {
    mode: 'batch',
    batchBufferSize: 10_000,
    batchMaxSize: 400,
    batchMaxWaitSeconds: 30,
    batchThrottleEnable: true,
    batchThrottleQPS: 10,
    batchThrottleBurst: 15,
    ...TRUNCATE,
  },
};

const capitalized = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const optionOf = (backend: Backend, field: string): string =>
  `audit${capitalized(backend)}${capitalized(field)}`;

export function auditFlags<B extends Backend>(
  backend: B,
): { readonly [K in keyof AuditOptions<B>]: FlagDefinition<AuditOptions<B>[K]> } {
  const entries = FIELDS.map((field) => {
    const [flag, parse] = FLAGS[field];
    const definition = { flag: `audit-${backend}-${flag}`, parse, default: DEFAULTS[backend][field] };
    return [optionOf(backend, field), definition];
  });
  return Object.fromEntries(entries);
}

/** The options of one backend, under names common to both. */
export function auditBackendOptions(
  options: AuditOptions<'log'> & AuditOptions<'webhook'>,
  backend: Backend,
): AuditBackendOptions {
  const all = options as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    FIELDS.map((field) => [field, all[optionOf(backend, field)]]),
  ) as unknown as AuditBackendOptions;
}

const AUDIT_MODES = ['batch', 'blocking', 'blocking-strict'];

function batchProblem(backend: Backend, options: AuditBackendOptions): string | undefined {
  const { mode, batchThrottleEnable } = options;
  if (!AUDIT_MODES.includes(mode)) {
    return `invalid audit ${backend} mode ${mode}, allowed modes are "${AUDIT_MODES.join(',')}"`;
  }
  if (mode !== 'batch') return undefined;
  const numbers = {
    'buffer size': options.batchBufferSize,
    'max batch size': options.batchMaxSize,
    ...(batchThrottleEnable && {
      'throttle QPS': options.batchThrottleQPS,
      'throttle burst': options.batchThrottleBurst,
    }),
  };
  const bad = Object.entries(numbers).find(([, value]) => value <= 0);
  return bad && `invalid audit batch ${backend} ${bad[0]} ${bad[1]}, must be a positive number`;
}

function truncateProblem(
  backend: Backend,
  { truncateMaxEventSize: event, truncateMaxBatchSize: batch }: AuditBackendOptions,
): string | undefined {
  if (event <= 0) {
    return `invalid audit truncate ${backend} max event size ${event}, must be a positive number`;
  }
  if (batch >= event) return undefined;
  return `invalid audit truncate ${backend} max batch size ${batch}, must be greater than max event size (${event})`;
}

/** One text per error. */
export function validateAuditBackend(backend: Backend, options: AuditBackendOptions): string[] {
  return [batchProblem(backend, options), truncateProblem(backend, options)].flatMap((one) => one ?? []);
}
