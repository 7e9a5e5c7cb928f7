/** https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/imagepolicy/config.go */

import { dirname, resolve } from 'node:path';
import {
  type Kubeconfig,
  type WebhookConnection,
  webhookConnection,
} from '../../request/webhook/kubeconfig.ts';
import { formatDuration } from '../../runtime/serializer/scalars/duration.ts';
import { isJSONObject } from '../../util/json.ts';
import type { AdmissionDependencies } from '../admission.ts';

type Given = Pick<AdmissionDependencies, 'configuration' | 'readFile' | 'parseYAML'>;

export interface ImagePolicy {
  readonly client: WebhookConnection;
  readonly retryBackoffMs: number;
  readonly allowTTLMs: number;
  readonly denyTTLMs: number;
  /** Whether to allow pods if the webhook can't be reached. */
  readonly defaultAllow: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Throws an Error that describes what is invalid. */
export function readImagePolicy({ configuration, ...files }: Given): ImagePolicy {
  if (configuration === undefined) throw new Error('no config specified');
  const given = isJSONObject(configuration) ? configuration['imagePolicy'] : undefined;
  const policy = isJSONObject(given) ? given : {};
  const ttl = { unitMs: SECOND, minMs: SECOND, maxMs: 30 * MINUTE };
  const { retryBackoff, allowTTL, denyTTL, kubeConfigFile, defaultAllow } = policy;
  return {
    retryBackoffMs: duration(retryBackoff, { unitMs: 1, minMs: 1e-6, maxMs: 5 * MINUTE, defaultMs: 500 }),
    allowTTLMs: duration(allowTTL, { ...ttl, defaultMs: 5 * MINUTE }),
    denyTTLMs: duration(denyTTL, { ...ttl, defaultMs: 30 * SECOND }),
    client: readClient(typeof kubeConfigFile === 'string' ? kubeConfigFile : '', files),
    defaultAllow: defaultAllow === true,
  };
}

interface Range {
  readonly unitMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly defaultMs: number;
}

/** Milliseconds. 0 stands for the default and -1 for a duration of zero. */
function duration(given: unknown, { unitMs, minMs, maxMs, defaultMs }: Range): number {
  const value = typeof given === 'number' ? given : 0;
  if (value === -1) return 0;
  if (value === 0) return defaultMs;
  const duration = value * unitMs;
  if (duration >= minMs && duration <= maxMs) return duration;
  const [min, max, got] = [minMs, maxMs, duration].map((ms) => formatDuration(BigInt(Math.round(ms * 1e6))));
  throw new Error(`valid value is between ${min} and ${max}, got ${got}`);
}

function readClient(path: string, { readFile, parseYAML }: Omit<Given, 'configuration'>): WebhookConnection {
  if (path === '') throw new Error('no kubeConfigFile specified');
  const kubeconfig: unknown = parseYAML(readFile(path));
  const directory = dirname(path);
  return webhookConnection((isJSONObject(kubeconfig) ? kubeconfig : {}) as Kubeconfig, (file) =>
    readFile(resolve(directory, file)),
  );
}
