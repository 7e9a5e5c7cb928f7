/** Flags of kube-apiserver that every host takes, so that command lines work as they are, and that change nothing. */

import type { FlagTexts } from './parse-options.ts';

/** What they are about isn't here. */
const WITHOUT_EFFECT: readonly RegExp[] = [
  // etcd, and caches of it.
  /^etcd-(cafile|certfile|keyfile|prefix|count-metric-poll-period|db-metric-poll-interval)$/,
  /^etcd-(healthcheck-timeout|readycheck-timeout|servers-overrides)$/,
  /^(storage-(backend|media-type|initialization-timeout)|watch-cache|watch-cache-sizes|default-watch-cache-size)$/,
  /^(lease-reuse-duration-seconds|enable-garbage-collector|service-account-lookup)$/,
  // Nodes, and networks to them.
  /^(kubelet-.*|egress-selector-config-file|enable-aggregator-routing|aggregator-reject-forwarding-redirect)$/,
  /^(allow-privileged|max-connection-bytes-per-sec|kubernetes-service-node-port)$/,
  // Other servers of the same cluster.
  /^(apiserver-count|peer-(advertise-ip|advertise-port|ca-file))$/,
  /^(coordinated-leadership-.*|goaway-chance|permit-(address|port)-sharing)$/,
  /^(enable-priority-and-fairness|livez-grace-period|shutdown-(delay-duration|send-retry-after))$/,
  /^shutdown-watch-termination-grace-period$/,
  // Looking into the process.
  /^(profiling|contention-profiling|debug-socket-path|enable-logs-handler)$/,
  /^(log-.*|vmodule)$/,
  // Gone from kube-apiserver.
  /^(insecure-port|insecure-bind-address)$/,
];

export function isWithoutEffect(name: string): boolean {
  return WITHOUT_EFFECT.some((pattern) => pattern.test(name));
}

/** What is wrong with a command line that has such flags; undefined: none. */
export function withoutEffect(flags: readonly string[]): string | undefined {
  if (flags.length === 0) return undefined;
  return `without effect here: ${flags.map((name) => `--${name}`).join(', ')}`;
}

export interface EffectiveFlags {
  readonly server: FlagTexts;
  /** Names of flags that change nothing. */
  readonly ignored: readonly string[];
}

/** The flags of a host that listens in its own way: those that change something, and others' names. */
export function effectiveFlags(texts: FlagTexts): EffectiveFlags {
  return {
    server: texts.filter(([name]) => !isWithoutEffect(name)),
    ignored: texts.map(([name]) => name).filter(isWithoutEffect),
  };
}
