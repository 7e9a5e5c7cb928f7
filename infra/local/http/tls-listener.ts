/** A listener's certificates, ciphers and curves, from kube-apiserver's flags. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { ListenerFlags, NamedKeyPair } from '../listener-flags.ts';
import { CURVES, cipherList } from './tls-names.ts';

export interface TLSListenerOptions extends SecureContextOptions {
  /** For a host name; undefined: the listener's own certificate. */
  readonly contextFor?: ((serverName: string) => SecureContext | undefined) | undefined;
}

/** Throws Error for files that can't be read or used, and for settings that this OpenSSL doesn't support. */
export function tlsListenerOptions(flags: Partial<ListenerFlags>): TLSListenerOptions {
  const { tlsMinVersion, tlsCipherSuites = [], tlsCurvePreferences = [], tlsSNICertKey = [] } = flags;
  const parameters: SecureContextOptions = {
    ...(tlsMinVersion !== undefined && { minVersion: tlsMinVersion }),
    ...(tlsCipherSuites.length > 0 && { ciphers: cipherList(tlsCipherSuites) }),
    ...(tlsCurvePreferences.length > 0 && { ecdhCurve: curveList(tlsCurvePreferences) }),
  };
  if (tlsSNICertKey.length === 0) return parameters;
  const contexts = contextsByName(tlsSNICertKey, parameters);
  return {
    ...parameters,
    contextFor: (serverName) => {
      const name = serverName.toLowerCase();
      return contexts.get(name) ?? contexts.get(name.replace(/^[^.]+/, '*'));
    },
  };
}

/** The curves that OpenSSL supports, which depend on Node's version. */
function curveList(numbers: readonly number[]): string {
  const names = numbers.map((number) => CURVES[number]!).filter(isKnownCurve);
  if (names.length > 0) return names.join(':');
  throw new Error(`--tls-curve-preferences: this version of Node has none of ${numbers.join(', ')}`);
}

function isKnownCurve(name: string): boolean {
  try {
    createSecureContext({ ecdhCurve: name });
    return true;
  } catch {
    return false;
  }
}

/** Explicit names take precedence over those in certificates, earlier files over later ones. */
function contextsByName(
  pairs: readonly NamedKeyPair[],
  parameters: SecureContextOptions,
): ReadonlyMap<string, SecureContext> {
  const contexts = new Map<string, SecureContext>();
  const made = pairs.map(({ certificateFile, keyFile, names }) => {
    const cert = readFileSync(certificateFile, 'utf8');
    const context = createSecureContext({ ...parameters, cert, key: readFileSync(keyFile, 'utf8') });
    return { context, names, certified: namesOf(cert) };
  });
  for (const { context, names } of made) addNames(contexts, names, context);
  for (const { context, names, certified } of made) {
    if (names.length === 0) addNames(contexts, certified, context);
  }
  return contexts;
}

function addNames(contexts: Map<string, SecureContext>, names: readonly string[], context: SecureContext) {
  for (const name of names) if (!contexts.has(name)) contexts.set(name, context);
}

/** Host names of a certificate; clients that connect to an address send none. */
function namesOf(pem: string): string[] {
  const { subject, subjectAltName = '' } = new X509Certificate(pem);
  const common = /^CN=(.*)$/m.exec(subject)?.[1] ?? '';
  const others = [...subjectAltName.matchAll(/DNS:([^,]+)/g)].map(([, name]) => name!);
  return [common, ...others]
    .filter((name) => isIP(name) === 0 && /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.?$/i.test(name))
    .map((name) => name.toLowerCase());
}
