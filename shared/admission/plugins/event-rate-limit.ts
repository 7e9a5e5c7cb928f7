import { createHash } from 'node:crypto';
import type { Event } from '../../apis/core/v1/types.ts';
import { type FieldError, formatFieldError, invalid, notSupported } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { StatusError } from '../../meta/status-error.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { isJSONObject } from '../../util/json.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isKind, operations } from '../attributes.ts';

interface Limit {
  readonly type: string;
  readonly qps: number;
  readonly burst: number;
  readonly cacheSize?: number;
}

const DEFAULT_CACHE_SIZE = 4096;
/** Longer keys are hashed: they are in the event. */
const MAX_KEY_LENGTH = 500;

const KEYS: Readonly<Record<string, (attributes: AdmissionAttributes) => string>> = {
  Namespace: ({ namespace }) => namespace,
  Server: () => '',
  SourceAndObject: ({ object }) => {
    const { source, involvedObject: of } = object as Event;
    return [source?.component, source?.host, of.kind, of.namespace, of.name, of.uid, of.apiVersion].join('');
  },
  User: ({ user }) => user.name,
};

/** Limits the rate of events by server, namespace, user, or source and object. The limits apply per process. */
export const eventRateLimit: AdmissionPluginFactory = ({ configuration }) => {
  const limits = readLimits(configuration).map((limit) => ({ ...limit, buckets: new Buckets(limit) }));
  return {
    name: 'EventRateLimit',
    handles: operations('CREATE', 'UPDATE'),
    async validate(attributes) {
      if (!isKind(attributes, { group: '', kind: 'Event' }) || attributes.dryRun) return;
      const reached = limits.flatMap(({ type, buckets }) => {
        const key = KEYS[type]!(attributes);
        return buckets.take(key, Date.now()) ? [] : [`limit reached on type ${type} for key ${key}`];
      });
      if (reached.length === 0) return;
      throw new StatusError({
        code: 429,
        reason: 'TooManyRequests',
        message: `Too many requests: ${aggregateMessages(reached)}`,
      });
    },
  };
};

function readLimits(configuration: unknown): readonly Limit[] {
  const limits = isJSONObject(configuration) ? (configuration['limits'] as unknown) : undefined;
  const path = FieldPath.of('limits');
  if (!Array.isArray(limits) || limits.length === 0) {
    throw new Error(formatFieldError(invalid(path, [], 'must not be empty')));
  }
  const errors = (limits as readonly Limit[]).flatMap((limit, index) => [
    ...validateLimit(limit, path.index(index)),
  ]);
  if (errors.length > 0) throw new Error(aggregateMessages(errors.map(formatFieldError)));
  return limits;
}

function* validateLimit(
  { type, burst = 0, qps = 0, cacheSize = 0 }: Limit,
  path: FieldPath,
): Generator<FieldError> {
  if (!Object.hasOwn(KEYS, type)) yield notSupported(path.child('type'), type, Object.keys(KEYS));
  if (burst <= 0) yield invalid(path.child('burst'), burst, 'must be positive');
  if (qps <= 0) yield invalid(path.child('qps'), qps, 'must be positive');
  if (type !== 'Server' && cacheSize < 0) {
    yield invalid(path.child('cacheSize'), cacheSize, 'must not be negative');
  }
}

/** Token buckets with LRU eviction. */
class Buckets {
  readonly #limit: Limit;
  readonly #buckets: BoundedCache<string, { readonly tokens: number; readonly at: number }>;

  constructor(limit: Limit) {
    this.#limit = limit;
    this.#buckets = new BoundedCache({ max: limit.cacheSize || DEFAULT_CACHE_SIZE });
  }

  /** `now` is in milliseconds. */
  take(name: string, now: number): boolean {
    const { qps, burst } = this.#limit;
    const key = name.length <= MAX_KEY_LENGTH ? name : createHash('sha256').update(name).digest('base64');
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * qps);
    const allowed = tokens >= 1;
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now });
    return allowed;
  }
}
