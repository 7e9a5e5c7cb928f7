/** kube-apiserver's flags that are its host's affair: where it listens, with what certificate, on which store. */

import type { FlagTexts } from '../../shared/server/options/parse-options.ts';
import { isServerFlag } from '../../shared/server/options/parse-options.ts';

export interface ServingFlags {
  readonly etcdServers: string;
  readonly bindAddress: string;
  readonly securePort: number;
  readonly certDir: string;
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
  /** As Node names it. */
  readonly tlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly http2MaxStreams: number | undefined;
}

const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['etcd-servers', ''],
  ['bind-address', '0.0.0.0'],
  ['secure-port', '6443'],
  ['cert-dir', '/var/run/kubernetes'],
  ['tls-cert-file', ''],
  ['tls-private-key-file', ''],
  ['tls-min-version', 'VersionTLS12'],
  ['http2-max-streams-per-connection', '0'],
]);

/** As upstream's flag names them; what is older than 1.2 is not spoken here. */
const TLS_VERSIONS: Readonly<Record<string, ServingFlags['tlsMinVersion']>> = {
  VersionTLS10: 'TLSv1.2',
  VersionTLS11: 'TLSv1.2',
  VersionTLS12: 'TLSv1.2',
  VersionTLS13: 'TLSv1.3',
};

/** Flags that are about what isn't here: taken, so that command lines work as they are. */
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
  /^(endpoint-reconciler-type|apiserver-count|peer-(advertise-ip|advertise-port|ca-file))$/,
  /^(coordinated-leadership-.*|external-hostname|goaway-chance|permit-(address|port)-sharing)$/,
  /^(enable-priority-and-fairness|livez-grace-period|shutdown-(delay-duration|send-retry-after))$/,
  /^shutdown-watch-termination-grace-period$/,
  // Looking into the process.
  /^(profiling|contention-profiling|debug-socket-path|enable-logs-handler)$/,
  /^(log-.*|vmodule)$/,
  // Gone from kube-apiserver.
  /^(insecure-port|insecure-bind-address)$/,
];

export interface GivenFlags {
  readonly serving: ServingFlags;
  readonly server: FlagTexts;
  /** Flags that change nothing here. */
  readonly ignored: readonly string[];
}

const isWithoutEffect = (name: string): boolean => WITHOUT_EFFECT.some((pattern) => pattern.test(name));

/** What is wrong with a command line that has such flags; undefined: none. */
export function withoutEffect(flags: readonly string[]): string | undefined {
  if (flags.length === 0) return undefined;
  return `without effect here: ${flags.map((name) => `--${name}`).join(', ')}`;
}

/** The flags of a host that listens in its own way: those that change something, and others' names. */
export function effectiveFlags(texts: FlagTexts): Omit<GivenFlags, 'serving'> {
  return {
    server: texts.filter(([name]) => !isWithoutEffect(name)),
    ignored: texts.map(([name]) => name).filter(isWithoutEffect),
  };
}

/** Throws Error for flags that kube-apiserver hasn't. */
export function splitFlags(texts: FlagTexts): GivenFlags {
  const serving = new Map(DEFAULTS);
  const server: [string, string][] = [];
  const ignored: string[] = [];
  for (const [name, text] of texts) {
    if (serving.has(name)) serving.set(name, text);
    else if (isServerFlag(name)) server.push([name, text]);
    else if (isWithoutEffect(name)) ignored.push(name);
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
      tlsMinVersion: tlsVersion(of('tls-min-version')),
      http2MaxStreams: Number(of('http2-max-streams-per-connection')) || undefined,
    },
    server,
    ignored,
  };
}

function tlsVersion(name: string): ServingFlags['tlsMinVersion'] {
  if (Object.hasOwn(TLS_VERSIONS, name)) return TLS_VERSIONS[name]!;
  throw new Error(`unknown tls version "${name}"`);
}

/** What `--help` lists. */
export function servingFlagNames(): string[] {
  return [...DEFAULTS.keys()];
}
