/** kube-apiserver's flags that are its host's affair: where it listens, with what certificate, on which store. */

import type { FlagTexts } from '../../shared/server/parse-options.ts';
import { isServerFlag } from '../../shared/server/parse-options.ts';

export interface ServingFlags {
  readonly etcdServers: string;
  readonly bindAddress: string;
  readonly securePort: number;
  readonly certDir: string;
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
}

const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['etcd-servers', ''],
  ['bind-address', '0.0.0.0'],
  ['secure-port', '6443'],
  ['cert-dir', '/var/run/kubernetes'],
  ['tls-cert-file', ''],
  ['tls-private-key-file', ''],
]);

/** Flags that are about what isn't here: taken, so that command lines work as they are. */
const WITHOUT_EFFECT: readonly RegExp[] = [
  /^etcd-(cafile|certfile|keyfile|prefix|compaction-interval|count-metric-poll-period|db-metric-poll-interval)$/,
  /^etcd-(healthcheck-timeout|readycheck-timeout|servers-overrides)$/,
  /^(storage-backend|storage-media-type|watch-cache|watch-cache-sizes|default-watch-cache-size)$/,
  /^(kubelet-.*|egress-selector-config-file|endpoint-reconciler-type|apiserver-count|enable-aggregator-routing)$/,
  /^(allow-privileged|enable-garbage-collector|enable-priority-and-fairness|goaway-chance|external-hostname)$/,
  /^(profiling|contention-profiling|debug-socket-path|tracing-config-file|logging-format|log-.*|v|vmodule)$/,
  /^(insecure-port|insecure-bind-address|http2-max-streams-per-connection|permit-(address|port)-sharing)$/,
];

export interface GivenFlags {
  readonly serving: ServingFlags;
  readonly server: FlagTexts;
  /** Flags that change nothing here. */
  readonly ignored: readonly string[];
}

/** Throws Error for flags that kube-apiserver hasn't. */
export function splitFlags(texts: FlagTexts): GivenFlags {
  const serving = new Map(DEFAULTS);
  const server: [string, string][] = [];
  const ignored: string[] = [];
  for (const [name, text] of texts) {
    if (serving.has(name)) serving.set(name, text);
    else if (isServerFlag(name)) server.push([name, text]);
    else if (WITHOUT_EFFECT.some((pattern) => pattern.test(name))) ignored.push(name);
    else throw new Error(`unknown flag: --${name}`);
  }
  const of = (name: string) => serving.get(name)!;
  const securePort = Number(of('secure-port'));
  if (!(Number.isInteger(securePort) && securePort >= 0 && securePort <= 65_535)) {
    throw new Error(`--secure-port ${of('secure-port')} must be between 0 and 65535, inclusive`);
  }
  return {
    serving: {
      etcdServers: of('etcd-servers'),
      bindAddress: of('bind-address'),
      securePort,
      certDir: of('cert-dir'),
      tlsCertFile: of('tls-cert-file'),
      tlsPrivateKeyFile: of('tls-private-key-file'),
    },
    server,
    ignored,
  };
}

/** What `--help` lists. */
export function servingFlagNames(): string[] {
  return [...DEFAULTS.keys()];
}
