/**
 * kube-apiserver's flags of a TLS listener
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/serving.go).
 */

import {
  booleanFlag,
  type FlagDefinition,
  integerFlag,
  type ParseFlag,
  sliceFlag,
} from '../../shared/server/options/flag-types.ts';
import { type FlagTexts, type ReadFlags, readFlags } from '../../shared/server/options/parse-options.ts';
import { CIPHER_SUITES, CURVES } from './http/tls-names.ts';

export interface NamedKeyPair {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Host names, some with a wildcard; none: those of the certificate. */
  readonly names: readonly string[];
}

export interface ListenerFlags {
  /** Node's name. */
  readonly tlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Suites of TLS 1.2, by Go's names; none: OpenSSL's defaults. */
  readonly tlsCipherSuites: readonly string[];
  /** By Go's numbers; none: OpenSSL's defaults. */
  readonly tlsCurvePreferences: readonly number[];
  readonly tlsSNICertKey: readonly NamedKeyPair[];
  readonly disableHTTP2Serving: boolean;
  /** 0: the listener's default. */
  readonly http2MaxStreams: number;
}

/** By the names of upstream's flag; versions older than 1.2 are not supported. */
const TLS_VERSIONS: Readonly<Record<string, ListenerFlags['tlsMinVersion']>> = {
  VersionTLS10: 'TLSv1.2',
  VersionTLS11: 'TLSv1.2',
  VersionTLS12: 'TLSv1.2',
  VersionTLS13: 'TLSv1.3',
};

const tlsVersionFlag: ParseFlag<ListenerFlags['tlsMinVersion']> = (text) => {
  if (Object.hasOwn(TLS_VERSIONS, text)) return TLS_VERSIONS[text]!;
  throw new Error(`unknown tls version "${text}"`);
};

const cipherSuitesFlag: ParseFlag<readonly string[]> = (text, earlier) => {
  const names = sliceFlag(text, earlier);
  const unknown = names.find((name) => !Object.hasOwn(CIPHER_SUITES, name));
  if (unknown === undefined) return names;
  throw new Error(`Cipher suite ${unknown} not supported or doesn't exist`);
};

const curvesFlag: ParseFlag<readonly number[]> = (text, earlier = []) => {
  const curves = [...earlier, ...sliceFlag(text, undefined).map((one) => integerFlag(one, undefined))];
  const unknown = curves.find((curve) => !Object.hasOwn(CURVES, curve));
  if (unknown === undefined) return curves;
  throw new Error(`curve preference ${unknown} is not supported`);
};

const namedKeyPairFlag: ParseFlag<readonly NamedKeyPair[]> = (text, earlier = []) => {
  const [files = '', names] = text.split(/:(.*)/s).map((part) => part.trim());
  if (names === '') throw new Error('empty names list is not allowed');
  const [certificateFile, keyFile, more] = files.split(',').map((file) => file.trim());
  if (certificateFile === undefined || keyFile === undefined || more !== undefined) {
    throw new Error('expected comma separated certificate and key file paths');
  }
  const given = names === undefined ? [] : names.split(',').map((name) => name.trim().toLowerCase());
  return [...earlier, { certificateFile, keyFile, names: given }];
};

const countFlag: ParseFlag<number> = (text, earlier) => {
  const count = integerFlag(text, earlier);
  if (count >= 0) return count;
  throw new Error('must not be negative');
};

const flag = <V>(name: string, parse: ParseFlag<V>, defaultValue: V): FlagDefinition<V> => ({
  flag: name,
  parse,
  default: defaultValue,
});

export const LISTENER_FLAGS: { readonly [K in keyof ListenerFlags]: FlagDefinition<ListenerFlags[K]> } = {
  tlsMinVersion: flag('tls-min-version', tlsVersionFlag, 'TLSv1.2'),
  tlsCipherSuites: flag('tls-cipher-suites', cipherSuitesFlag, []),
  tlsCurvePreferences: flag('tls-curve-preferences', curvesFlag, []),
  tlsSNICertKey: flag('tls-sni-cert-key', namedKeyPairFlag, []),
  disableHTTP2Serving: flag('disable-http2-serving', booleanFlag, false),
  http2MaxStreams: flag('http2-max-streams-per-connection', countFlag, 0),
};

const NAMES: ReadonlySet<string> = new Set(Object.values(LISTENER_FLAGS).map(({ flag }) => flag));

export const isListenerFlag = (name: string): boolean => NAMES.has(name);

/** The listener flags of a command line. */
export function readListenerFlags(texts: FlagTexts): ReadFlags<ListenerFlags> {
  return readFlags(
    LISTENER_FLAGS,
    texts.filter(([name]) => isListenerFlag(name)),
  );
}
