/** https://github.com/kubernetes/kubernetes/blob/master/pkg/routes/openidmetadata.go */

import {
  JWKS_PATH,
  OPENID_CACHE_CONTROL,
  OPENID_CONFIGURATION_PATH,
  type OpenIDDocument,
  type OpenIDMetadata,
} from '../../authn/serviceaccount/openid-metadata.ts';
import { newMethodNotAllowed } from '../codec/statuses.ts';
import type { RequestHandler } from './handler.ts';
import type { PathMux } from './path-mux.ts';
import { checkProduced } from './route-media-types.ts';

const serve =
  (make: () => Promise<OpenIDDocument>): RequestHandler =>
  async (context) => {
    if (context.request.method !== 'GET') throw newMethodNotAllowed();
    const { contentType, body } = await make();
    checkProduced(context, [], { more: [contentType] });
    const headers = { 'content-type': contentType, 'cache-control': OPENID_CACHE_CONTROL };
    return { status: 200, headers, body: Buffer.from(body) };
  };

/** Installs the documents that relying parties need to verify service account tokens. */
export function installOpenIDMetadata(mux: PathMux, metadata: OpenIDMetadata | undefined): void {
  if (metadata === undefined) return;
  const documents: readonly (readonly [path: string, handler: RequestHandler])[] = [
    [OPENID_CONFIGURATION_PATH, serve(() => metadata.configuration())],
    [JWKS_PATH, serve(() => metadata.keys())],
  ];
  for (const [path, handler] of documents) mux.handleService(path, handler);
}
