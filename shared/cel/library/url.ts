/** URLs, parsed as by Go's net/url (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/urls.go). */

import { quote } from '../../runtime/go-format.ts';
import { type FunctionDeclaration, fn, member } from '../declaration.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import { BOOL, listType, mapType, objectType, STRING } from '../type.ts';
import { EntryMap, ObjectValue, stringList, type Value } from '../value.ts';

const URL_TYPE = objectType('kubernetes.URL');

interface ParsedURL {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

class URLValue extends ObjectValue {
  readonly type = URL_TYPE;
  readonly url: ParsedURL;
  constructor(url: ParsedURL) {
    super();
    this.url = url;
  }
  equals(other: Value): boolean | CelError {
    return other instanceof URLValue ? this.url.text === other.url.text : NO_SUCH_OVERLOAD;
  }
}

class URLError extends Error {}

/** `url.ParseRequestURI`: an absolute URI or an absolute path. Throws a `URLError` with Go's message. */
function parseRequestURI(text: string): ParsedURL {
  const fail = (message: string): URLError => new URLError(`parse ${quote(text)}: ${message}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\x00-\x1f\x7f]/.test(text)) throw fail('net/url: invalid control character in URL');
  if (text === '') throw fail('empty url');
  const fragment = text.indexOf('#');
  const whole = fragment < 0 ? text : text.slice(0, fragment);
  const schemeMatch = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(whole);
  if (schemeMatch === null && whole.startsWith(':')) throw fail('missing protocol scheme');
  const scheme = schemeMatch?.[1]?.toLowerCase() ?? '';
  const rest = schemeMatch === null ? whole : whole.slice(schemeMatch[0].length);
  const question = rest.indexOf('?');
  const beforeQuery = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? '' : rest.slice(question + 1);
  if (!beforeQuery.startsWith('/')) {
    if (scheme === '') throw fail('invalid URI for request');
    return { text, scheme, host: '', path: '', query };
  }
  let host = '';
  let path = beforeQuery;
  if (beforeQuery.startsWith('//') && (scheme !== '' || !beforeQuery.startsWith('///'))) {
    const slash = beforeQuery.indexOf('/', 2);
    const authority = slash < 0 ? beforeQuery.slice(2) : beforeQuery.slice(2, slash);
    path = slash < 0 ? '' : beforeQuery.slice(slash);
    host = parseHost(authority.slice(authority.lastIndexOf('@') + 1), fail);
  }
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(path);
  if (badEscape !== null) throw fail(`invalid URL escape ${quote(badEscape[0])}`);
  return { text, scheme, host, path, query };
}

function parseHost(host: string, fail: (message: string) => URLError): string {
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']');
    if (close < 0) throw fail("missing ']' in host");
    checkPort(host.slice(close + 1), fail);
    return host;
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon), fail);
  const bad = /[\s"<>\\^`{|}]/.exec(host);
  if (bad !== null) throw fail(`invalid character ${quote(bad[0])} in host name`);
  return host;
}

function checkPort(port: string, fail: (message: string) => URLError): void {
  if (!/^(:\d*)?$/.test(port)) throw fail(`invalid port ${quote(port)} after host`);
}

function attempt(text: string): ParsedURL | CelError {
  try {
    return parseRequestURI(text);
  } catch (error) {
    if (error instanceof URLError) return new CelError(error.message);
    throw error;
  }
}

/** Go's error for an invalid request URI; undefined for a valid one. */
export function requestURIError(text: string): string | undefined {
  const url = attempt(text);
  return url instanceof CelError ? url.message : undefined;
}

function toURL(text: string): Value {
  const url = attempt(text);
  if (!(url instanceof CelError)) return new URLValue(url);
  return new CelError(`URL parse error during conversion from string: ${url.message}`);
}

function hostname({ host }: ParsedURL): string {
  if (host.startsWith('[')) return host.slice(1, host.lastIndexOf(']'));
  const colon = host.lastIndexOf(':');
  return colon < 0 ? host : host.slice(0, colon);
}

function port({ host }: ParsedURL): string {
  return /:(\d*)$/.exec(host.slice(host.lastIndexOf(']') + 1))?.[1] ?? '';
}

/** Go's EscapedPath: a valid encoding is kept, anything else is encoded. */
function escapedPath({ path }: ParsedURL): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/gu, (char) => encodeURIComponent(char));
}

function queryMap({ query }: ParsedURL): Value {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescapeQuery(equals < 0 ? '' : pair.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return new EntryMap([...values].map(([key, list]) => [key, stringList(list)] as const));
}

function unescapeQuery(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function getter(name: string, id: string, read: (url: ParsedURL) => string): FunctionDeclaration {
  return member(name, id, [URL_TYPE], STRING, ({ url }: URLValue) => read(url));
}

export const URLS: readonly FunctionDeclaration[] = [
  fn('url', 'string_to_url', [STRING], URL_TYPE, toURL),
  fn('isURL', 'is_url_string', [STRING], BOOL, (text: string) => requestURIError(text) === undefined),
  getter('getScheme', 'url_get_scheme', (url) => url.scheme),
  getter('getHost', 'url_get_host', (url) => url.host),
  getter('getHostname', 'url_get_hostname', hostname),
  getter('getPort', 'url_get_port', port),
  getter('getEscapedPath', 'url_get_escaped_path', escapedPath),
  member('getQuery', 'url_get_query', [URL_TYPE], mapType(STRING, listType(STRING)), ({ url }: URLValue) =>
    queryMap(url),
  ),
];
