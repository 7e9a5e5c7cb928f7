/** Flags of kube-apiserver that every host accepts for compatibility but that have no effect. */

import { quote } from '../../runtime/go-format.ts';
import { Quantity } from '../../runtime/quantity.ts';
import {
  booleanFlag,
  durationFlag,
  floatFlag,
  integerFlag,
  invalidArgument,
  type ParseFlag,
  sliceFlag,
  stringFlag,
} from './flag-types.ts';
import type { FlagTexts } from './parse-options.ts';

const quantityFlag: ParseFlag<string> = (text) => Quantity.parse(text).toString();

/** klog's verbosity by file. */
const modulesFlag: ParseFlag<string> = (text) => {
  const bad = text.split(',').find((part) => part !== '' && !/^[^=]+=\d+$/.test(part));
  if (bad === undefined) return text;
  throw new Error(`${quote(bad)} does not have the pattern=N format`);
};

/** Keyed by the types in upstream's `--help`. */
const TYPES = {
  bool: booleanFlag,
  duration: durationFlag,
  float: floatFlag,
  int: integerFlag,
  quantity: quantityFlag,
  string: stringFlag,
  strings: sliceFlag,
  'pattern=N,...': modulesFlag,
} as const;

/**
 * These concern parts that don't exist here: etcd and its watch cache, nodes, other servers of a cluster, profiling.
 */
export const FLAGS_WITHOUT_EFFECT: Readonly<Record<keyof typeof TYPES, readonly string[]>> = {
  bool: [
    ...['aggregator-reject-forwarding-redirect', 'allow-privileged', 'contention-profiling'],
    ...['enable-aggregator-routing', 'enable-garbage-collector', 'enable-logs-handler'],
    ...['enable-priority-and-fairness', 'log-json-split-stream', 'log-text-split-stream'],
    ...['permit-address-sharing', 'permit-port-sharing', 'profiling', 'service-account-lookup'],
    ...['shutdown-send-retry-after', 'watch-cache'],
  ],
  duration: [
    ...['coordinated-leadership-lease-duration', 'coordinated-leadership-renew-deadline'],
    ...['coordinated-leadership-retry-period', 'etcd-count-metric-poll-period'],
    ...['etcd-db-metric-poll-interval', 'etcd-healthcheck-timeout', 'etcd-readycheck-timeout'],
    ...['kubelet-timeout', 'livez-grace-period', 'log-flush-frequency', 'shutdown-delay-duration'],
    ...['shutdown-watch-termination-grace-period', 'storage-initialization-timeout'],
  ],
  float: ['goaway-chance'],
  int: [
    ...['apiserver-count', 'default-watch-cache-size', 'kubernetes-service-node-port'],
    ...['lease-reuse-duration-seconds', 'max-connection-bytes-per-sec'],
  ],
  quantity: ['log-json-info-buffer-size', 'log-text-info-buffer-size'],
  string: [
    ...['debug-socket-path', 'egress-selector-config-file', 'etcd-cafile', 'etcd-certfile', 'etcd-keyfile'],
    ...['etcd-prefix', 'kubelet-certificate-authority', 'kubelet-client-certificate', 'kubelet-client-key'],
    ...['peer-advertise-ip', 'peer-advertise-port', 'peer-ca-file', 'storage-backend', 'storage-media-type'],
  ],
  strings: ['etcd-servers-overrides', 'kubelet-preferred-address-types', 'watch-cache-sizes'],
  'pattern=N,...': ['vmodule'],
};

const TYPE_OF: ReadonlyMap<string, keyof typeof TYPES> = new Map(
  Object.entries(FLAGS_WITHOUT_EFFECT).flatMap(([type, names]) =>
    names.map((name) => [name, type as keyof typeof TYPES] as const),
  ),
);

/** Flags removed from kube-apiserver, and those of its logger. */
const OTHERS = /^(?:kubelet-.*|log-.*|insecure-port|insecure-bind-address)$/;

const notNegative =
  (text: string): Rule =>
  (value) =>
    Number(value) < 0 ? text : undefined;

type Rule = (value: unknown) => string | undefined;

const MEDIA_TYPES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];

/** Values of the right type that upstream rejects. */
const RULES: Readonly<Record<string, Rule>> = {
  'apiserver-count': (count) =>
    Number(count) < 1
      ? `--apiserver-count should be a positive number, but value '${count}' provided`
      : undefined,
  'goaway-chance': (chance) =>
    Number(chance) < 0 || Number(chance) > 0.02
      ? '--goaway-chance can not be less than 0 or greater than 0.02'
      : undefined,
  'kubernetes-service-node-port': (port) =>
    Number(port) < 0 || Number(port) > 65_535
      ? `--kubernetes-service-node-port ${port} must be between 0 and 65535, inclusive. If 0, the Kubernetes master service will be of type ClusterIP`
      : undefined,
  'livez-grace-period': notNegative('--livez-grace-period can not be a negative value'),
  'shutdown-delay-duration': notNegative('--shutdown-delay-duration can not be negative value'),
  'shutdown-watch-termination-grace-period': notNegative(
    'shutdown-watch-termination-grace-period, if provided, can not be a negative value',
  ),
  'storage-backend': (backend) =>
    ['', 'etcd3'].includes(String(backend))
      ? undefined
      : "--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'",
  'storage-initialization-timeout': notNegative('--storage-initialization-timeout can not be negative value'),
  'storage-media-type': (type) =>
    MEDIA_TYPES.includes(String(type))
      ? undefined
      : `--storage-media-type ${quote(String(type))} invalid, allowed values: ${MEDIA_TYPES.join(', ')}`,
};

export function isWithoutEffect(name: string): boolean {
  return TYPE_OF.has(name) || OTHERS.test(name);
}

/** A warning that lists such flags; undefined if there are none. */
export function withoutEffect(flags: readonly string[]): string | undefined {
  if (flags.length === 0) return undefined;
  return `without effect here: ${flags.map((name) => `--${name}`).join(', ')}`;
}

export interface EffectiveFlags {
  readonly server: FlagTexts;
  /** Names of flags without effect. */
  readonly ignored: readonly string[];
  /** A line for each of them with a value that kube-apiserver would reject. */
  readonly errors: readonly string[];
}

/** For hosts with listeners of their own: the flags that have an effect, and the names of the others. */
export function effectiveFlags(texts: FlagTexts): EffectiveFlags {
  const others = texts.filter(([name]) => isWithoutEffect(name));
  return {
    server: texts.filter(([name]) => !isWithoutEffect(name)),
    ignored: others.map(([name]) => name),
    errors: others.flatMap(([name, text]) => errorOf(name, text) ?? []),
  };
}

function errorOf(name: string, text: string): string | undefined {
  const type = TYPE_OF.get(name);
  if (type === undefined) return undefined;
  try {
    const value = (TYPES[type] as ParseFlag<unknown>)(text, undefined);
    return Object.hasOwn(RULES, name) ? RULES[name]!(value) : undefined;
  } catch (error) {
    return invalidArgument(name, text, error as Error);
  }
}
