/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/request/headerrequest/requestheader.go */

import { type ApiRequest, type HeaderFields, headerOf } from '../../request/api-request.ts';
import { appendAll } from '../../util/append-all.ts';
import { entryOf } from '../../util/entry-of.ts';
import {
  AuthenticationError,
  type AuthenticatorResponse,
  type RequestAuthenticator,
} from '../authenticator.ts';
import type { ClientCertificateVerifier } from '../x509/verifier.ts';
import { commonName } from '../x509/x509-authenticator.ts';

/** Header names and prefixes, lower case. */
export interface RequestHeaderNames {
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** Upstream's conventional names; removed from every authenticated request. */
export const STANDARD_REQUEST_HEADERS: RequestHeaderNames = {
  usernameHeaders: ['x-remote-user'],
  uidHeaders: ['x-remote-uid'],
  groupHeaders: ['x-remote-group'],
  extraHeaderPrefixes: ['x-remote-extra-'],
};

export interface RequestHeaderConfig extends RequestHeaderNames {
  readonly verifier: ClientCertificateVerifier;
  /** Accepted common names of proxies; empty: any certificate signed by the CA. */
  readonly allowedNames: readonly string[];
}

function firstValue(headers: HeaderFields, names: readonly string[]): string {
  for (const name of names) {
    const value = headerOf(headers, name);
    if (value) return value;
  }
  return '';
}

/** Decodes the percent-encoded key in a header name; an invalid encoding is kept as is. */
function unescapeExtraKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** Collects the values of all headers that begin with a prefix, keyed by the rest of the name. */
function extraOf(headers: HeaderFields, prefixes: readonly string[]): Record<string, string[]> {
  const extra = new Map<string, string[]>();
  for (const prefix of prefixes) {
    for (const [name, values] of headers) {
      if (!name.startsWith(prefix)) continue;
      const key = unescapeExtraKey(name.slice(prefix.length));
      appendAll(
        entryOf(extra, key, () => []),
        values,
      );
    }
  }
  return Object.fromEntries(extra);
}

/** Removes the headers that identify the client, so that later stages can neither trust nor forward them. */
export function withoutRequestHeaders(headers: HeaderFields, names: RequestHeaderNames): HeaderFields {
  const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = names;
  const hasUser = (name: string): boolean =>
    usernameHeaders.includes(name) ||
    uidHeaders.includes(name) ||
    groupHeaders.includes(name) ||
    extraHeaderPrefixes.some((prefix) => name.startsWith(prefix));
  // Fast path: few requests have such headers.
  for (const name of headers.keys()) {
    if (hasUser(name)) return new Map([...headers].filter(([each]) => !hasUser(each)));
  }
  return headers;
}

/** Authenticates by the headers of a front proxy that presents a valid client certificate. */
export class RequestHeaderAuthenticator implements RequestAuthenticator {
  readonly #config: RequestHeaderConfig;

  constructor(config: RequestHeaderConfig) {
    this.#config = config;
  }

  async authenticateRequest(request: ApiRequest): Promise<AuthenticatorResponse | undefined> {
    const { clientCertificates, headers } = request;
    const { verifier, allowedNames, usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } =
      this.#config;
    if (!clientCertificates?.length) return undefined;
    const proxy = commonName(verifier.verify(clientCertificates));
    if (allowedNames.length > 0 && !allowedNames.includes(proxy)) {
      throw new AuthenticationError(`x509: subject with cn=${proxy} is not in the allowed list`);
    }
    const name = firstValue(headers, usernameHeaders);
    if (name === '') return undefined;
    const groups = groupHeaders
      .flatMap((header) => headers.get(header) ?? [])
      .filter((group) => group !== '');
    const user = {
      name,
      uid: firstValue(headers, uidHeaders),
      groups,
      extra: extraOf(headers, extraHeaderPrefixes),
    };
    return { user, audiences: [] };
  }
}
