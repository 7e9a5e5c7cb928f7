/** https://github.com/kubernetes/kubernetes/blob/master/pkg/routes/openidmetadata.go */

import {
  JWKS_PATH,
  OPENID_CACHE_CONTROL,
  OPENID_CONFIGURATION_PATH,
  type OpenIDDocument,
  type OpenIDMetadata,
} from '../../authn/serviceaccount/openid-metadata.ts';
import type { RequestHandler } from './handler.ts';
import type { PathMux } from './path-mux.ts';

const serve =
  (make: () => Promise<OpenIDDocument>): RequestHandler =>
  async () => {
    const { contentType, body } = await make();
    const headers = { 'content-type': contentType, 'cache-control': OPENID_CACHE_CONTROL };
    return { status: 200, headers, body: Buffer.from(body) };
  };

/** What others need to verify service accounts' tokens. */
export function installOpenIDMetadata(mux: PathMux, metadata: OpenIDMetadata | undefined): void {
  if (metadata === undefined) return;
  mux.handle(
    OPENID_CONFIGURATION_PATH,
    serve(() => metadata.configuration()),
  );
  mux.handle(
    JWKS_PATH,
    serve(() => metadata.keys()),
  );
}
