/** Several control planes behind one listener: `/tenants/NAME/...` goes to that tenant, the rest to the first. */

import { type ApiHandler, changedRequest } from '../../../shared/request/api-request.ts';

const PREFIX = '/tenants/';

/** The path under which a tenant is served: '' for the first. */
export function tenantPath(name: string, isFirst: boolean): string {
  return isFirst ? '' : `${PREFIX}${name}`;
}

/** A tenant that isn't there is a path that isn't there: the first tenant answers it with its 404. */
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
