/** kube-apiserver's flags that concern the host: listener, certificate, store. */

import {
  addressFlag,
  type FlagDefinition,
  integerFlag,
  type ParseFlag,
  stringFlag,
} from '../../shared/server/options/flag-types.ts';
import { type EffectiveFlags, effectiveFlags } from '../../shared/server/options/flags-without-effect.ts';
import { type FlagTexts, readFlags } from '../../shared/server/options/parse-options.ts';
import { LISTENER_FLAGS, type ListenerFlags } from './listener-flags.ts';

export interface ServingFlags extends ListenerFlags {
  readonly etcdServers: string;
  readonly bindAddress: string;
  readonly securePort: number;
  readonly certDir: string;
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
}

const portFlag: ParseFlag<number> = (text, earlier) => {
  const port = integerFlag(text, earlier);
  if (port >= 0 && port <= 65_535) return port;
  throw new Error('must be between 0 and 65535, inclusive');
};

const flag = <V>(name: string, parse: ParseFlag<V>, defaultValue: V): FlagDefinition<V> => ({
  flag: name,
  parse,
  default: defaultValue,
});

/** Used by `zeroplane kube-apiserver` to start and by `zeroplane validate` to check. */
export const SERVING_FLAGS: { readonly [K in keyof ServingFlags]: FlagDefinition<ServingFlags[K]> } = {
  etcdServers: flag('etcd-servers', stringFlag, ''),
  bindAddress: flag('bind-address', addressFlag, '0.0.0.0'),
  securePort: flag('secure-port', portFlag, 6443),
  certDir: flag('cert-dir', stringFlag, '/var/run/kubernetes'),
  tlsCertFile: flag('tls-cert-file', stringFlag, ''),
  tlsPrivateKeyFile: flag('tls-private-key-file', stringFlag, ''),
  ...LISTENER_FLAGS,
};

const SERVING_NAMES: ReadonlySet<string> = new Set(Object.values(SERVING_FLAGS).map(({ flag }) => flag));

export interface GivenFlags extends EffectiveFlags {
  readonly serving: ServingFlags;
  /** One line for each flag of the host that is invalid, or requires another one. */
  readonly errors: readonly string[];
}

/** Splits a command line into flags of the host, flags of the server, and unknown ones. */
export function splitFlags(texts: FlagTexts): GivenFlags {
  const { options, errors } = readFlags(
    SERVING_FLAGS,
    texts.filter(([name]) => SERVING_NAMES.has(name)),
  );
  const defaults = Object.entries(SERVING_FLAGS).map(([key, definition]) => [key, definition.default]);
  const serving = { ...(Object.fromEntries(defaults) as unknown as ServingFlags), ...options };
  const { tlsCertFile, tlsPrivateKeyFile } = serving;
  const {
    server,
    ignored,
    errors: ofIgnored,
  } = effectiveFlags(texts.filter(([name]) => !SERVING_NAMES.has(name)));
  return {
    ...{ serving, server, ignored },
    errors: [
      ...errors,
      ...ofIgnored,
      ...((tlsCertFile === '') === (tlsPrivateKeyFile === '')
        ? []
        : ['--tls-cert-file and --tls-private-key-file must be specified together']),
      ...(serving.etcdServers === '' ? ['--etcd-servers must be specified'] : []),
    ],
  };
}

export function isServingFlag(name: string): boolean {
  return SERVING_NAMES.has(name);
}
