/** Derives the RequestInfo from path, method and query (upstream's `RequestInfoFactory`). */

import { newBadRequest, newPlainError } from '../meta/status-error.ts';
import { isPathSegmentName } from '../meta/validation/names.ts';
import { trimEnd, trimStart } from '../util/trim.ts';
import type { ApiRequest } from './api-request.ts';
import { decodeListOptions } from './list-options.ts';
import { booleanParameter } from './query-parameters.ts';
import { NO_RESOURCE, type RequestInfo } from './request-info.ts';

/** Path segments that are a verb in the position of a resource. */
const SPECIAL_VERBS = new Set(['proxy', 'watch']);
const SPECIAL_VERBS_WITHOUT_SUBRESOURCES = new Set(['proxy']);
/** Segments after a namespace's name that are subresources of the namespace rather than resources in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);
const VERBS_WITH_SELECTORS = new Set(['list', 'watch', 'deletecollection']);

const VERBS: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

type MutableRequestInfo = { -readonly [K in keyof RequestInfo]: RequestInfo[K] };

function splitPath(path: string): string[] {
  const trimmed = trimStart(trimEnd(path, '/'), '/');
  return trimmed === '' ? [] : trimmed.split('/');
}

/**
 * Decodes percent-encoding; invalid UTF-8 becomes U+FFFD, as Go writes it in responses. Throws BadRequest for malformed
 * encoding.
 */
function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  if (/%(?![0-9a-fA-F]{2})/.test(path)) throw newBadRequest('the request path is not properly encoded');
  try {
    return decodeURIComponent(path);
  } catch {
    const bytes = Buffer.from(path)
      .toString('latin1')
      .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString();
  }
}

/** Throws BadRequest for paths that can't be decoded, a plain error for paths without the resource they require. */
export function newRequestInfo(request: Pick<ApiRequest, 'method' | 'path' | 'query'>): RequestInfo {
  const path = decodePath(request.path);
  const info: MutableRequestInfo = { ...NO_RESOURCE, path, verb: request.method.toLowerCase() };
  let parts = splitPath(path);
  const prefix = parts[0];
  if (parts.length < 3 || (prefix !== 'api' && prefix !== 'apis')) return info;
  info.apiPrefix = prefix;
  parts = parts.slice(1);
  if (prefix === 'apis') {
    if (parts.length < 3) return info;
    info.apiGroup = parts[0]!;
    parts = parts.slice(1);
  }
  info.isResourceRequest = true;
  info.apiVersion = parts[0]!;
  parts = parts.slice(1);

  const verbInPath = SPECIAL_VERBS.has(parts[0]!);
  if (verbInPath) {
    if (parts.length < 2) {
      throw newPlainError(`unable to determine kind and namespace from url, ${request.path}`);
    }
    info.verb = parts[0]!;
    parts = parts.slice(1);
  } else {
    info.verb = VERBS.get(request.method) ?? '';
  }

  if (parts[0] === 'namespaces' && parts.length > 1) {
    info.namespace = parts[1]!;
    info.isInNamespace = parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2]!);
    if (info.isInNamespace) parts = parts.slice(2);
  }
  info.parts = parts;
  info.resource = parts[0] ?? '';
  info.name = parts[1] ?? '';
  if (!SPECIAL_VERBS_WITHOUT_SUBRESOURCES.has(info.verb)) info.subresource = parts[2] ?? '';

  if (info.name === '' && info.verb === 'get') settleListVerb(info, request.query);
  if (info.name === '' && info.verb === 'delete') info.verb = 'deletecollection';
  if (!verbInPath && VERBS_WITH_SELECTORS.has(info.verb)) {
    info.fieldSelector = request.query.get('fieldSelector') ?? '';
    info.labelSelector = request.query.get('labelSelector') ?? '';
  }
  return info;
}

/** A GET of a collection is a list or a watch; a field selector on the name restricts it to one object. */
function settleListVerb(info: MutableRequestInfo, query: URLSearchParams): void {
  if (query.size === 0) {
    info.verb = 'list';
    return;
  }
  info.verb = booleanParameter(query, 'watch') ? 'watch' : 'list';
  // Other selectors are parsed by the handler, after memory has been reserved for them.
  if (!query.get('fieldSelector')?.includes('metadata.name')) return;
  let name: string | undefined;
  try {
    name = decodeListOptions(query).fieldSelector.requiresExactMatch('metadata.name');
  } catch {
    // Invalid options are rejected by the handler.
    return;
  }
  if (name !== undefined && isPathSegmentName(name).length === 0) info.name = name;
}
