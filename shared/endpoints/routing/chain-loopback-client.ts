/** The server's own client: its requests take the way of all requests, and arrive as `system:apiserver`. */

import type { KubeList, KubeObject } from '../../meta/kube-object.ts';
import { type Status, StatusError } from '../../meta/status-error.ts';
import type { ApiRequest } from '../../request/api-request.ts';
import type { ClientOptions, LoopbackClient } from '../../rest/resource-access.ts';
import type { GroupVersionResource } from '../../runtime/group-version.ts';
import { parseJSON, stringifyJSON } from '../../util/exact-json.ts';
import type { RequestHandler } from './handler.ts';
import { ServingContext } from './serving-context.ts';

const JSON_TYPE = 'application/json';
const USER_AGENT = 'kube-apiserver';

interface LoopbackRequest {
  readonly method: string;
  readonly resource: GroupVersionResource;
  readonly options: ClientOptions;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
}

export class ChainLoopbackClient implements LoopbackClient {
  readonly #handler: RequestHandler;

  constructor(handler: RequestHandler) {
    this.#handler = handler;
  }

  get<T extends KubeObject>(resource: GroupVersionResource, options: ClientOptions): Promise<T> {
    return this.#do<T>({ method: 'GET', resource, options });
  }

  async list<T extends KubeObject>(
    resource: GroupVersionResource,
    options: ClientOptions = {},
  ): Promise<T[]> {
    const list = await this.#do<KubeList<T>>({ method: 'GET', resource, options });
    return list.items;
  }

  create<T extends KubeObject>(
    resource: GroupVersionResource,
    object: T,
    options: ClientOptions = {},
  ): Promise<T> {
    const namespace = options.namespace ?? object.metadata.namespace;
    // A name is in the path only below an object: `pods/web/eviction`.
    const name = options.subresource === undefined ? undefined : (options.name ?? object.metadata.name);
    return this.#do({ method: 'POST', resource, options: { ...options, namespace, name }, body: object });
  }

  update<T extends KubeObject>(
    resource: GroupVersionResource,
    object: T,
    options: ClientOptions = {},
  ): Promise<T> {
    const { name, namespace } = object.metadata;
    return this.#do({ method: 'PUT', resource, options: { name, namespace, ...options }, body: object });
  }

  patch<T extends KubeObject>(
    resource: GroupVersionResource,
    patch: unknown,
    options: ClientOptions,
  ): Promise<T> {
    const contentType = options.patchType ?? 'application/merge-patch+json';
    return this.#do({ method: 'PATCH', resource, options, body: patch, contentType });
  }

  async delete(resource: GroupVersionResource, options: ClientOptions): Promise<void> {
    const { preconditions, propagationPolicy, dryRun } = options;
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(preconditions && { preconditions }),
      ...(propagationPolicy && { propagationPolicy }),
      ...(dryRun && { dryRun: ['All'] }),
    };
    await this.#do({ method: 'DELETE', resource, options, body });
  }

  async #do<T>({ method, resource, options, body, contentType = JSON_TYPE }: LoopbackRequest): Promise<T> {
    const request: ApiRequest = {
      method,
      path: pathOf(resource, options),
      query: queryOf(method, options),
      headers: new Map([
        ['accept', [JSON_TYPE]],
        ['content-type', [contentType]],
        ['user-agent', [USER_AGENT]],
      ]),
      body: body === undefined ? new Uint8Array() : Buffer.from(stringifyJSON(body)),
      // One of its own: what listens to it goes with the request.
      signal: new AbortController().signal,
      canStream: false,
    };
    const response = await this.#handler(ServingContext.forLoopback(request));
    const bytes = await bytesOf(response.body);
    if (response.status >= 400) throw statusErrorOf(response.status, bytes);
    return parseJSON(bytes.toString()) as T;
  }
}

function pathOf({ group, version, resource }: GroupVersionResource, options: ClientOptions): string {
  const { namespace, name, subresource } = options;
  const segments = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace) segments.push('namespaces', namespace);
  segments.push(resource);
  if (name) segments.push(name);
  if (subresource) segments.push(subresource);
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

function queryOf(method: string, options: ClientOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (options.labelSelector) query.set('labelSelector', options.labelSelector);
  if (options.fieldSelector) query.set('fieldSelector', options.fieldSelector);
  // Deletions have a body, which says it.
  if (options.dryRun && method !== 'DELETE') query.set('dryRun', 'All');
  if (options.fieldManager) query.set('fieldManager', options.fieldManager);
  if (options.force) query.set('force', 'true');
  return query;
}

async function bytesOf(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What isn't a Status was not answered by an API: a proxy, or the end of the chain. */
function statusErrorOf(code: number, bytes: Buffer): StatusError {
  try {
    const status = JSON.parse(bytes.toString()) as Status;
    if (status.kind === 'Status') return new StatusError(status);
  } catch {
    // Not JSON.
  }
  return new StatusError({
    code,
    reason: code === 404 ? 'NotFound' : 'InternalError',
    message: bytes.toString().trim(),
  });
}
