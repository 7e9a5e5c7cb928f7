/** `/openapi/v2` and `/openapi/v3` (https://github.com/kubernetes/kube-openapi/tree/master/pkg, `handler`, `handler3`). */

import { type ApiResponse, headerOf } from '../../request/api-request.ts';
import { parseAccept } from '../codec/accept.ts';
import type { PathMux } from '../routing/path-mux.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import type { OpenAPIDocument, OpenAPIFormat } from './openapi-document.ts';
import { type OpenAPIService, versionedURL } from './openapi-service.ts';

const ROOT = '/openapi/v3';
/** `2@v1.0` is the original spelling of the subtypes. */
const SUBTYPES = (version: 2 | 3): ReadonlyMap<string, OpenAPIFormat> =>
  new Map([
    ['json', 'json'],
    [`com.github.proto-openapi.spec.v${version}.v1.0+protobuf`, 'protobuf'],
    [`com.github.proto-openapi.spec.v${version}@v1.0+protobuf`, 'protobuf'],
  ]);
const V2_SUBTYPES = SUBTYPES(2);
const V3_SUBTYPES = SUBTYPES(3);

const contentType = (format: OpenAPIFormat, version: 2 | 3): string =>
  format === 'json'
    ? 'application/json'
    : `application/com.github.proto-openapi.spec.v${version}.v1.0+protobuf`;

/** The client's preferred format; undefined if none is acceptable. */
function negotiate(
  { request }: ServingContext,
  subtypes: ReadonlyMap<string, OpenAPIFormat>,
): OpenAPIFormat | undefined {
  const accept = (request.headers.get('accept') ?? []).join(',') || '*/*';
  for (const clause of parseAccept(accept)) {
    if (clause.type !== 'application' && clause.type !== '*') continue;
    const format = clause.subType === '*' ? 'json' : subtypes.get(clause.subType);
    if (format !== undefined) return format;
  }
  return undefined;
}

/** Like kube-openapi, which wraps the v2 document alone in a gzip handler. */
const VARY = { 2: 'Accept-Encoding, Accept', 3: 'Accept' } as const;

const notAcceptable = (version: 2 | 3): ApiResponse => ({
  status: 406,
  headers: { vary: VARY[version] },
  body: new Uint8Array(),
});
/** For a version without a document: like kube-openapi, a 404 without a body. */
const NOT_FOUND: ApiResponse = { status: 404, headers: {}, body: new Uint8Array() };

interface Representation {
  readonly document: OpenAPIDocument;
  readonly format: OpenAPIFormat;
  readonly headers: Readonly<Record<string, string>>;
}

async function answer({ request }: ServingContext, representation: Representation): Promise<ApiResponse> {
  const { document, format, headers } = representation;
  const etag = `"${document.hash}"`;
  const known = (headerOf(request.headers, 'if-none-match') ?? '').split(',').map((tag) => tag.trim());
  if (known.includes(etag) || known.includes('*')) {
    const { 'content-type': _, ...others } = headers;
    return { status: 304, headers: { ...others, etag }, body: new Uint8Array() };
  }
  const claim = (bytes: number) => request.claimAnswer?.({ bytes, objectBytes: 0 });
  const encodings = headerOf(request.headers, 'accept-encoding') ?? '';
  if (!/\bgzip\b/.test(encodings)) {
    return { status: 200, headers: { ...headers, etag }, body: await document.bytes(format, claim) };
  }
  const varies = headers['vary'] ?? '';
  const vary = varies.includes('Accept-Encoding')
    ? varies
    : ['Accept-Encoding', varies].filter((name) => name !== '').join(', ');
  return {
    status: 200,
    headers: { ...headers, etag, vary, 'content-encoding': 'gzip' },
    body: await document.compressed(format, claim),
  };
}

async function serveWhole(context: ServingContext, service: OpenAPIService): Promise<ApiResponse> {
  const format = negotiate(context, V2_SUBTYPES);
  if (format === undefined) return notAcceptable(2);
  const { whole } = await service.documents();
  const headers = { 'content-type': contentType(format, 2), vary: VARY[2] };
  return answer(context, { document: whole, format, headers });
}

async function serveRoot(context: ServingContext, service: OpenAPIService): Promise<ApiResponse> {
  const { root } = await service.documents();
  return answer(context, {
    document: root,
    format: 'json',
    headers: { 'content-type': 'application/json' },
  });
}

const YEAR_MILLISECONDS = 365 * 24 * 3600 * 1000;

async function serveGroupVersion(context: ServingContext, service: OpenAPIService): Promise<ApiResponse> {
  const format = negotiate(context, V3_SUBTYPES);
  if (format === undefined) return notAcceptable(3);
  const path = context.requestInfo.path.slice(ROOT.length + 1);
  const document = (await service.documents()).byPath.get(path);
  if (document === undefined) return NOT_FOUND;
  const headers = { 'content-type': contentType(format, 3), vary: VARY[3] };
  const hash = context.request.query.get('hash');
  if (hash === null || hash === '') return answer(context, { document, format, headers });
  if (hash !== document.hash) {
    const location = versionedURL(path, document.hash);
    return { status: 301, headers: { ...headers, location }, body: new Uint8Array() };
  }
  const expires = new Date(context.receivedAt + YEAR_MILLISECONDS).toUTCString();
  // The URL contains the document's hash, so its content never changes.
  const forever = { ...headers, 'cache-control': 'public, immutable', expires };
  return answer(context, { document, format, headers: forever });
}

export function installOpenAPI(mux: PathMux, service: OpenAPIService): void {
  mux.handle('/openapi/v2', (context) => serveWhole(context, service));
  mux.handle(ROOT, (context) => serveRoot(context, service));
  mux.handlePrefix(`${ROOT}/`, (context) => serveGroupVersion(context, service));
}
