/** Which handler serves a request for a resource that is there (upstream's route table, `endpoints/installer.go`). */

import { newBadRequest, newMethodNotSupported } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import {
  isCollectionDeleter,
  isConnecter,
  isCreater,
  isGetter,
  isGracefulDeleter,
  isLister,
  isNamedCreater,
  isUpdater,
  isWatcher,
  type RESTStorage,
} from '../../rest/rest-storage.ts';
import { inSpan } from '../../util/spans.ts';
import { newMethodNotAllowed, newUnknownResource } from '../codec/statuses.ts';
import type { RequestScope } from '../resource/request-scope.ts';
import { checkConsumed, checkProduced } from '../routing/route-media-types.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { connectResource, streamResource } from './connect.ts';
import { createResource } from './create.ts';
import { deleteCollection, deleteResource } from './delete.ts';
import { getResource } from './get.ts';
import { listResource } from './list.ts';
import { patchResource } from './patch.ts';
import { updateResource } from './update.ts';
import { watchResource } from './watch.ts';

/** A resource or subresource of one version, ready to be served. */
export interface InstalledResource {
  readonly scope: RequestScope;
  readonly storage: RESTStorage;
  /** Sent as a warning with every answer: the version is on its way out. */
  readonly deprecation?: string | undefined;
  /** When a deprecated version goes: `1.25`. */
  readonly removedRelease?: string | undefined;
}

/** As what a method is authorized. A path may hold a verb of its own, which is then all that was asked for. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  GET: ['get', 'list', 'watch'],
  POST: ['create'],
  PUT: ['update'],
  PATCH: ['patch'],
  DELETE: ['delete', 'deletecollection'],
};
const COLLECTION_VERBS = ['list', 'watch', 'deletecollection'];

/** Serves the request, or throws: not found for paths that no resource has, not allowed for missing verbs. */
export async function serveResource(
  context: ServingContext,
  { scope, storage, deprecation, removedRelease }: InstalledResource,
): Promise<ApiResponse> {
  const { parts, verb, name } = context.requestInfo;
  context.served = { ...scope.resource, subresource: scope.subresource };
  if (verb === 'proxy') throw newUnknownResource();
  checkPlace(context, scope);
  const { method } = context.request;
  if (Object.hasOwn(VERBS, method) && !VERBS[method]!.includes(verb)) throw newMethodNotAllowed();
  const connects = isConnecter(storage) && storage.connectMethods.includes(method);
  const lacksName = name === '' && parts.length > 1;
  if (connects && COLLECTION_VERBS.includes(verb) && !lacksName) throw newMethodNotAllowed();
  // What is behind a proxy is another server's.
  if (parts.length > 3 && !(connects && parts[2] === 'proxy')) throw newUnknownResource();
  const route = parts.length === 1 ? collectionRoute : objectRoute;
  const streams = connects && scope.subresource === 'log';
  const connect = streams ? streamResource : connectResource;
  const serve = connects ? () => connect(context, scope, storage) : route(context, scope, storage);
  if (serve === undefined) throw newMethodNotAllowed();
  if (lacksName) throw newBadRequest('name must be provided');
  if (scope.custom === undefined && (!connects || streams)) checkMediaTypes(context, scope);
  if (deprecation !== undefined) {
    context.addWarning(deprecation);
    context.audit.addAnnotation('k8s.io/deprecated', 'true');
    if (removedRelease !== undefined) context.audit.addAnnotation('k8s.io/removed-release', removedRelease);
  }
  const { apiGroup: group, apiVersion: version, resource, subresource } = context.requestInfo;
  return inSpan(verb, () => ({ group, version, resource, subresource }), serve);
}

/** What upstream's routes of built-in resources take and make; custom resources have no routes there. */
function checkMediaTypes(context: ServingContext, { codecs, patchTypes, subresource }: RequestScope): void {
  const { requestInfo, request } = context;
  if (request.method === 'PATCH') checkConsumed(context, patchTypes);
  const more = subresource === 'log' ? ['text/plain'] : [];
  const streams =
    request.method === 'GET' && (requestInfo.parts.length === 1 || requestInfo.verb === 'watch');
  checkProduced(context, codecs.supportedMediaTypes(), { more, streams });
}

/**
 * Namespaced objects are found in a namespace, others nowhere else than at the top. A namespace without a name is one to
 * upstream's routes, by which built-in resources go: what has none, storages refuse.
 */
function checkPlace({ requestInfo, request }: ServingContext, scope: RequestScope): void {
  const { namespace, parts } = requestInfo;
  const isInNamespace = scope.custom === undefined ? requestInfo.isInNamespace : namespace !== '';
  if (!scope.namespaced) {
    if (isInNamespace) throw newUnknownResource();
    return;
  }
  if (isInNamespace) return;
  if (parts.length > 1) throw newUnknownResource();
  // Across namespaces one can only look.
  if (request.method !== 'GET') throw newMethodNotAllowed();
}

/** Undefined: the storage has no such verb. */
type Serve = (() => Promise<ApiResponse>) | undefined;

function collectionRoute(context: ServingContext, scope: RequestScope, storage: RESTStorage): Serve {
  const { verb } = context.requestInfo;
  switch (context.request.method) {
    case 'GET':
      if (verb === 'watch' && isWatcher(storage)) return () => watchResource(context, scope, storage);
      if (verb === 'watch' && isLister(storage)) {
        return () => Promise.reject(newMethodNotSupported(scope.resource, 'watch'));
      }
      if (verb === 'list' && isLister(storage)) return () => listResource(context, scope, storage);
      break;
    case 'POST':
      if (verb === 'create' && isCreater(storage)) return () => createResource(context, scope, storage);
      break;
    case 'DELETE':
      if (verb === 'deletecollection' && isCollectionDeleter(storage)) {
        return () => deleteCollection(context, scope, storage);
      }
      break;
  }
  return undefined;
}

function objectRoute(context: ServingContext, scope: RequestScope, storage: RESTStorage): Serve {
  const { method } = context.request;
  const { name } = context.requestInfo;
  // Without a name it was authorized as a collection; as a route it is an object's.
  const verb = name === '' ? VERBS[method]?.[0] : context.requestInfo.verb;
  switch (method) {
    case 'GET':
      if (verb === 'watch' && isWatcher(storage)) return () => watchResource(context, scope, storage);
      if (verb === 'get' && isGetter(storage)) return () => getResource(context, scope, storage);
      break;
    case 'POST':
      if (scope.subresource === '') break;
      if (isNamedCreater(storage) || isCreater(storage)) return () => createResource(context, scope, storage);
      break;
    case 'PUT':
      if (isUpdater(storage)) return () => updateResource(context, scope, storage);
      break;
    case 'PATCH':
      if (isUpdater(storage) && isGetter(storage)) return () => patchResource(context, scope, storage);
      break;
    case 'DELETE':
      if (verb === 'delete' && isGracefulDeleter(storage))
        return () => deleteResource(context, scope, storage);
      break;
  }
  return undefined;
}
