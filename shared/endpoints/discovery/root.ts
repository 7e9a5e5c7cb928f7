/**
 * `/api` and `/apis`: all groups, either in the unaggregated form or aggregated with their resources
 * (https://github.com/kubernetes/apiserver/tree/master/pkg/endpoints/discovery/aggregated).
 */

import { createHash } from 'node:crypto';
import { type ApiResponse, headerOf } from '../../request/api-request.ts';
import { formatGroupVersion } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import { type EndpointRestrictions, negotiateOutput } from '../codec/negotiation.ts';
import { writeMetaObject } from '../codec/response.ts';
import { writeBytes } from '../codec/response-writers.ts';
import { newMethodNotAllowed } from '../codec/statuses.ts';
import type { RequestHandler } from '../routing/handler.ts';
import { checkProduced } from '../routing/route-media-types.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import type { DiscoverySource, GroupDiscovery, ResourceKind, VersionDiscovery } from './discovery-source.ts';

const GROUP = 'apidiscovery.k8s.io';
const KIND = 'APIGroupDiscoveryList';
const VERSIONS = ['v2', 'v2beta1'];

const aggregatedRestrictions: EndpointRestrictions = {
  allowsTransform: (_mediaType, convert) =>
    convert === undefined ||
    (convert.group === GROUP && convert.kind === KIND && VERSIONS.includes(convert.version)),
};

/** An encoded list and its ETag. */
interface Encoded {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** `/api` covers the core group only. */
type Root = '/api' | '/apis';

export interface RootDiscoveryOptions {
  readonly codecs: CodecFactory;
  readonly source: DiscoverySource;
  /** `host:port`, sent to clients as the address of the server. */
  readonly serverAddress: string;
}

export class RootDiscovery {
  readonly #options: RootDiscoveryOptions;
  /** Encoded lists, keyed by the array from which they were made. */
  readonly #encoded = new WeakMap<readonly GroupDiscovery[], Map<string, Encoded>>();

  constructor(options: RootDiscoveryOptions) {
    this.#options = options;
  }

  /** `/api`, GET only: upstream registers a route for it. */
  readonly serveCore: RequestHandler = (context) => {
    if (context.request.method !== 'GET') throw newMethodNotAllowed();
    checkProduced(context, this.#options.codecs.supportedMediaTypes());
    return this.#serve(context, '/api');
  };
  /** `/apis`. Accepts every method, as upstream's plain handler does. */
  readonly serveGroups: RequestHandler = (context) => this.#serve(context, '/apis');

  async #serve(context: ServingContext, root: Root): Promise<ApiResponse> {
    const { codecs, source } = this.#options;
    const mediaType = await negotiateOutput(context, codecs, aggregatedRestrictions);
    const all = await source.groups();
    const { convert } = mediaType;
    if (convert === undefined) return writeMetaObject(context, codecs, this.#legacy(all, root));
    const contentType = `${mediaType.info.mediaType};g=${GROUP};v=${convert.version};as=${KIND}`;
    const key = `${root} ${contentType} ${mediaType.pretty}`;
    const cache = this.#encoded.get(all) ?? new Map<string, Encoded>();
    this.#encoded.set(all, cache);
    let encoded = cache.get(key);
    if (encoded === undefined) {
      const bytes = mediaType.serializer.encode(aggregatedList(all, root, convert.version));
      encoded = { bytes, etag: `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"` };
      cache.set(key, encoded);
    }
    return respond(context, contentType, encoded);
  }

  #legacy(all: readonly GroupDiscovery[], root: Root): RuntimeObject {
    if (root === '/apis') return groupList(all.filter(({ name }) => name !== ''));
    const versions = all.filter(({ name }) => name === '').flatMap((group) => group.versions);
    return {
      kind: 'APIVersions',
      versions: versions.map(({ version }) => version),
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: this.#options.serverAddress }],
    } as RuntimeObject;
  }
}

function groupList(groups: readonly GroupDiscovery[]): RuntimeObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(({ name, versions }) => {
      const entries = versions.map(({ version }) => ({
        groupVersion: formatGroupVersion({ group: name, version }),
        version,
      }));
      return { name, versions: entries, preferredVersion: entries[0] };
    }),
  } as RuntimeObject;
}

function aggregatedList(all: readonly GroupDiscovery[], root: Root, version: string): RuntimeObject {
  return {
    kind: KIND,
    apiVersion: `${GROUP}/${version}`,
    metadata: {},
    items: all
      .filter(({ name }) => (name === '') === (root === '/api'))
      .map(({ name, versions }) => ({
        metadata: name === '' ? {} : { name },
        versions: versions.map((each) => aggregatedVersion(name, each)),
      })),
  } as RuntimeObject;
}

function aggregatedVersion(group: string, { installed, version, freshness, resources }: VersionDiscovery) {
  if (!installed) return { version, freshness, resources };
  const relative = (kind: ResourceKind | undefined): ResourceKind | undefined =>
    kind?.group === group && kind.version === version ? { ...kind, group: '', version: '' } : kind;
  return {
    version,
    freshness,
    resources: resources.map(({ subresources, ...resource }) => ({
      ...resource,
      responseKind: relative(resource.responseKind),
      ...(subresources && {
        subresources: subresources.map((subresource) => ({
          ...subresource,
          responseKind: relative(subresource.responseKind),
        })),
      }),
    })),
  };
}

async function respond(
  context: ServingContext,
  contentType: string,
  { bytes, etag }: Encoded,
): Promise<ApiResponse> {
  const headers = { etag, vary: 'Accept', 'cache-control': 'public' };
  if (headerOf(context.request.headers, 'if-none-match') === etag) {
    return { status: 304, headers, body: new Uint8Array() };
  }
  const response = await writeBytes(context, 200, contentType, bytes);
  const vary = response.headers['vary'] === undefined ? 'Accept' : 'Accept, Accept-Encoding';
  return { ...response, headers: { ...response.headers, ...headers, vary } };
}
