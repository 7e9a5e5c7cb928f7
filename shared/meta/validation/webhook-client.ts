/**
 * Validates webhook client configurations
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/util/webhook/validation.go).
 */

import { X509Certificate } from 'node:crypto';
import { quote } from '../../runtime/go-format.ts';
import { appendAll } from '../../util/append-all.ts';
import { decodePEM } from '../../util/pem.ts';
import { type FieldError, invalid, required } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import { isDNS1123Subdomain } from './names.ts';
import { isValidPortNum } from './values.ts';

const FORM = '; desired format: https://host[/path]';

export function validateWebhookURL(path: FieldPath, text: string): FieldError[] {
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(
    text,
  );
  const fault = match === null ? 'missing protocol scheme' : urlFault(text, match);
  if (match === null || fault !== undefined) {
    return [required(path, `url must be a valid URL: parse ${quote(text)}: ${fault}${FORM}`)];
  }
  const [, scheme = '', authority = '', query = '', fragment = ''] = match;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const errors: FieldError[] = [];
  if (scheme.toLowerCase() !== 'https') {
    errors.push(invalid(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`));
  }
  if (host === '') errors.push(invalid(path, host, `host must be specified${FORM}`));
  if (at !== -1) {
    errors.push(invalid(path, authority.slice(0, at), 'user information is not permitted in the URL'));
  }
  if (fragment !== '') errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
  return errors;
}

/** The error of Go's `url.Parse`; undefined for a valid URL. */
function urlFault(text: string, [, scheme, authority = '']: RegExpExecArray): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x1f\x7f]/.test(text)) return 'net/url: invalid control character in URL';
  if (text.startsWith(':')) return 'missing protocol scheme';
  const [whole = ''] = text.split(/[?#]/);
  if (scheme === undefined && /^[^/]*:/.test(whole)) return 'first path segment in URL cannot contain colon';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const port = /^(?:\[[^\]]*\]|[^:]*)(:.*)?$/.exec(host)?.[1] ?? '';
  if (!/^(?::\d*)?$/.test(port)) return `invalid port ${quote(port)} after host`;
  const bad = /[\s"<>\\^`{|}]/.exec(host);
  if (bad !== null) return `invalid character ${quote(bad[0])} in host name`;
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(whole);
  return badEscape === null ? undefined : `invalid URL escape ${quote(badEscape[0])}`;
}

export interface WebhookService {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  readonly port?: number | undefined;
}

export function validateWebhookService(
  path: FieldPath,
  { namespace = '', name = '', path: urlPath, port = 443 }: WebhookService,
): FieldError[] {
  const errors: FieldError[] = [];
  // Upstream's callers swap the two.
  if (namespace === '') errors.push(required(path.child('name'), ''));
  if (name === '') errors.push(required(path.child('namespace'), ''));
  const portErrors = isValidPortNum(port);
  if (portErrors.length > 0) {
    errors.push(invalid(path.child('port'), port, `port is not valid: ${portErrors.join(', ')}`));
  }
  return urlPath ? errors.concat(validateURLPath(path.child('path'), urlPath)) : errors;
}

/** Every segment must be a valid name. */
function validateURLPath(path: FieldPath, text: string): FieldError[] {
  if (text === '/') return [];
  if (text === '//') return [invalid(path, text, 'segment[0] may not be empty')];
  const errors: FieldError[] = [];
  if (!text.startsWith('/')) errors.push(invalid(path, text, "must start with a '/'"));
  const segments = text.slice(1).replace(/\/$/, '').split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment === '') errors.push(invalid(path, text, `segment[${index}] may not be empty`));
    else {
      const texts = isDNS1123Subdomain(segment);
      appendAll(
        errors,
        texts.map((detail) => invalid(path, text, `segment[${index}]: ${detail}`)),
      );
    }
  }
  return errors;
}

/** The reason why a bundle contains no usable certificate; undefined for a valid bundle, or none. */
function bundleError(pem: string): string | undefined {
  if (pem === '') return undefined;
  const blocks = [...decodePEM(pem)];
  if (blocks.length === 0) return 'unable to parse bytes as PEM block';
  let problem: string | undefined;
  for (const { type, text } of blocks) {
    if (type !== 'CERTIFICATE') continue;
    try {
      new X509Certificate(text);
      return undefined;
    } catch (error) {
      problem ??= `failed to parse certificate: ${(error as Error).message}`;
    }
  }
  return problem ?? 'no valid certificate authority data seen';
}

/** `caBundle` is base64-encoded, as in the API. */
export function validateCABundle(path: FieldPath | string, caBundle: string | undefined): FieldError[] {
  const error = bundleError(Buffer.from(caBundle ?? '', 'base64').toString());
  return error === undefined ? [] : [invalid(path, caBundle, `unable to load root certificates: ${error}`)];
}
