/** Dispatches a request to this server's API or to the next server (upstream's `director`, server/handler.go). */

import { StatusError } from '../../meta/status-error.ts';
import { trimEnd } from '../../util/trim.ts';
import { plainText } from '../codec/response-writers.ts';
import { newUnknownResource } from '../codec/statuses.ts';
import { groupDiscovery, versionDiscovery } from '../discovery/legacy.ts';
import { serveResource } from '../handlers/serve-resource.ts';
import type { APIGroups } from './api-groups.ts';
import type { RequestHandler } from './handler.ts';
import type { PathMux } from './path-mux.ts';
import type { ServedGroups } from './served-groups.ts';
import type { ServingContext } from './serving-context.ts';

/** The parts of a server that answer requests. */
export interface APIDirector {
  readonly groups: ServedGroups;
  readonly mux: PathMux;
  /** Handles requests for paths unknown to this server. */
  readonly delegate: RequestHandler;
}

export function directRequests({ groups: served, mux, delegate }: APIDirector): RequestHandler {
  return async (context) => {
    const groups = served.of(context);
    const handler = mux.find(context.requestInfo.path);
    if (handler !== undefined) return handler(context);
    const group = groupOfPath(context);
    if (group === undefined || !groups.has(group)) return delegate(context);
    if (!context.requestInfo.isResourceRequest) return discover(context, groups, group);
    const installed = groups.find(context.requestInfo);
    if (installed === undefined) throw newUnknownResource();
    return serveResource(context, installed);
  };
}

/** The API group of a path; undefined outside of `/api/...` and `/apis/...`. */
export function groupOfPath({ requestInfo }: ServingContext): string | undefined {
  const [, prefix, group] = requestInfo.path.split('/');
  if (prefix === 'api') return requestInfo.path.length > '/api/'.length ? '' : undefined;
  return prefix === 'apis' && group !== undefined && group !== '' ? group : undefined;
}

/** `/apis/apps`, `/apis/apps/v1` and `/api/v1`. */
function discover(context: ServingContext, groups: APIGroups, group: string) {
  const segments = trimEnd(context.requestInfo.path, '/').split('/');
  const version = segments[group === '' ? 2 : 3];
  if (version === undefined) return groupDiscovery(context, groups, group);
  return versionDiscovery(context, groups, { group, version });
}

const NOT_FOUND = '404 page not found';

/**
 * The last handler of the chain. The next release answers with a Status; here that depends on the gate NotFoundStatus.
 */
export const notFound: RequestHandler = async ({ featureEnabled }) => {
  if (!featureEnabled('NotFoundStatus')) return plainText(404, `${NOT_FOUND}\n`);
  throw new StatusError({ code: 404, reason: 'NotFound', message: NOT_FOUND });
};
