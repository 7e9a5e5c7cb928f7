/**
 * Several control planes behind one listener: `/tenants/NAME/...` goes to that tenant, everything else to the first.
 */

import { type ApiHandler, changedRequest } from '../../../shared/request/api-request.ts';

const PREFIX = '/tenants/';

/** Path prefix of a tenant: '' for the first. */
export function tenantPath(name: string, isFirst: boolean): string {
  return isFirst ? '' : `${PREFIX}${name}`;
}

/** An unknown tenant is an unknown path: the first tenant responds with its 404. */
export function tenantRouter(first: ApiHandler, others: ReadonlyMap<string, ApiHandler>): ApiHandler {
  if (others.size === 0) return first;
  return (request) => {
    if (!request.path.startsWith(PREFIX)) return first(request);
    const end = request.path.indexOf('/', PREFIX.length);
    const name = request.path.slice(PREFIX.length, end < 0 ? undefined : end);
    const handler = others.get(name);
    if (handler === undefined) return first(request);
    return handler(changedRequest(request, { path: end < 0 ? '/' : request.path.slice(end) }));
  };
}
