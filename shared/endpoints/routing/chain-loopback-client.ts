/** Loopback client: sends the server's own requests through the handler chain as `system:apiserver`. */

import type { KubeList, KubeObject } from '../../meta/kube-object.ts';
import { type Status, StatusError } from '../../meta/status-error.ts';
import type { ApiRequest } from '../../request/api-request.ts';
import type {
  CreateOptions,
  DeleteOptions,
  ListOptions,
  LoopbackClient,
  ObjectPlace,
  PartialPlace,
  PatchOptions,
  UpdateOptions,
} from '../../rest/resource-access.ts';
import type { GroupVersionResource } from '../../runtime/group-version.ts';
import { parseJSON, stringifyJSON } from '../../util/exact-json.ts';
import type { RequestHandler } from './handler.ts';
import { ServingContext } from './serving-context.ts';

const JSON_TYPE = 'application/json';
const USER_AGENT = 'kube-apiserver';

interface LoopbackRequest {
  readonly method: string;
  readonly resource: GroupVersionResource;
  readonly place: PartialPlace;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
}

export class ChainLoopbackClient implements LoopbackClient {
  readonly #handler: RequestHandler;

  constructor(handler: RequestHandler) {
    this.#handler = handler;
  }

  get<T extends KubeObject>(resource: GroupVersionResource, place: ObjectPlace): Promise<T> {
    return this.#do<T>({ method: 'GET', resource, place });
  }

  async list<T extends KubeObject>(
    resource: GroupVersionResource,
    { namespace, ...query }: ListOptions = {},
  ): Promise<T[]> {
    const list = await this.#do<KubeList<T>>({ method: 'GET', resource, place: { namespace }, query });
    return list.items;
  }

  create<T extends KubeObject>(
    resource: GroupVersionResource,
    object: T,
    { namespace = object.metadata.namespace, name, subresource, ...options }: CreateOptions = {},
  ): Promise<T> {
    // A create has a name in its path only below an object: `pods/web/eviction`.
    const place =
      subresource === undefined
        ? { namespace }
        : { namespace, name: name ?? object.metadata.name, subresource };
    return this.#do({ method: 'POST', resource, place, query: writeQuery(options), body: object });
  }

  update<T extends KubeObject>(
    resource: GroupVersionResource,
    object: T,
    {
      namespace = object.metadata.namespace,
      name = object.metadata.name,
      subresource,
      ...options
    }: UpdateOptions = {},
  ): Promise<T> {
    const place = { namespace, name, subresource };
    return this.#do({ method: 'PUT', resource, place, query: writeQuery(options), body: object });
  }

  patch<T extends KubeObject>(
    resource: GroupVersionResource,
    patch: unknown,
    { namespace, name, subresource, patchType, force, ...options }: PatchOptions,
  ): Promise<T> {
    return this.#do({
      method: 'PATCH',
      resource,
      place: { namespace, name, subresource },
      query: { ...writeQuery(options), force: force ? 'true' : undefined },
      body: patch,
      contentType: patchType ?? 'application/merge-patch+json',
    });
  }

  async delete(
    resource: GroupVersionResource,
    { namespace, name, subresource, dryRun, ...options }: DeleteOptions,
  ): Promise<void> {
    // All options are in the body; undefined members are omitted when it is encoded.
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...options,
      dryRun: dryRun ? ['All'] : undefined,
    };
    await this.#do({ method: 'DELETE', resource, place: { namespace, name, subresource }, body });
  }

  async #do<T>({ method, resource, place, query, body, contentType }: LoopbackRequest): Promise<T> {
    const request: ApiRequest = {
      method,
      path: pathOf(resource, place),
      query: searchParams(query),
      headers: new Map([
        ['accept', [JSON_TYPE]],
        ['content-type', [contentType ?? JSON_TYPE]],
        ['user-agent', [USER_AGENT]],
      ]),
      body: body === undefined ? new Uint8Array() : Buffer.from(stringifyJSON(body)),
      // A new signal per request, so that its listeners are released with the request.
      signal: new AbortController().signal,
      canStream: false,
    };
    const response = await this.#handler(ServingContext.forLoopback(request));
    const bytes = await bytesOf(response.body);
    if (response.status >= 400) throw statusErrorOf(response.status, bytes);
    return parseJSON(bytes.toString()) as T;
  }
}

function pathOf({ group, version, resource }: GroupVersionResource, place: PartialPlace): string {
  const { namespace, name, subresource } = place;
  const segments = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace) segments.push('namespaces', namespace);
  segments.push(resource);
  if (name) segments.push(name);
  if (subresource) segments.push(subresource);
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

function searchParams(values: LoopbackRequest['query'] = {}): URLSearchParams {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value) query.set(key, value);
  return query;
}

function writeQuery({ dryRun, fieldManager }: Pick<PatchOptions, 'dryRun' | 'fieldManager'>) {
  return { dryRun: dryRun ? 'All' : undefined, fieldManager };
}

async function bytesOf(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Converts an error answer. A body that isn't a Status comes from a proxy or the end of the chain. */
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
