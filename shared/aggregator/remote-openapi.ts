/**
 * OpenAPI documents of remote servers, refreshed periodically (upstream's `controllers/openapi`,
 * `controllers/openapiv3`).
 */

import type {
  OpenAPIPart,
  OpenAPISchema,
  OpenAPISource,
  RemoteOpenAPIPart,
  Swagger,
} from '../endpoints/openapi/openapi-model.ts';
import { newServiceUnavailable } from '../meta/status-error.ts';
import { isJSONObject } from '../util/json.ts';
import { isAvailable } from './available-condition.ts';
import { downloadJSON } from './download-json.ts';
import type { RemoteServer } from './remote-server.ts';
import type { RemoteAPIService, RemoteServers } from './remote-servers.ts';

const REFRESH_MS = 60_000;
const TIMEOUT_MS = 60_000;
const ROOT_TIMEOUT_MS = 5_000;
const ROOT = '/openapi/v3';

interface Known {
  readonly server: RemoteServer;
  /** Undefined: the server has no document for its group version. */
  readonly part: OpenAPIPart | undefined;
  readonly expires: number;
}

export class RemoteOpenAPISource implements OpenAPISource {
  readonly #servers: RemoteServers;
  #known = new Map<string, Known>();
  #parts: readonly OpenAPIPart[] = [];

  constructor(servers: RemoteServers) {
    this.#servers = servers;
  }

  async parts(): Promise<readonly OpenAPIPart[]> {
    const remotes = await this.#servers.all();
    const known = new Map<string, Known>();
    await Promise.all(
      [...remotes].map(async ([name, remote]) => known.set(name, await this.#ask(name, remote))),
    );
    this.#known = known;
    const parts = [...remotes.keys()].flatMap((name) => known.get(name)!.part ?? []);
    const isSame =
      parts.length === this.#parts.length && parts.every((part, index) => part === this.#parts[index]);
    if (!isSame) this.#parts = parts;
    return this.#parts;
  }

  async #ask(name: string, { apiService, server }: RemoteAPIService): Promise<Known> {
    const old = this.#known.get(name);
    const isOfServer = old?.server === server;
    if (isOfServer && old.expires > Date.now()) return old;
    const kept = isOfServer ? old.part : undefined;
    const expires = Date.now() + REFRESH_MS;
    // An unavailable server keeps its last documents.
    if (!isAvailable(apiService)) return { server, part: kept, expires: 0 };
    const { group = '', version = '' } = apiService.spec;
    try {
      const url = await documentURL(server, `apis/${group}/${version}`);
      if (kept !== undefined && kept.state() === url) return { server, part: kept, expires };
      return {
        server,
        part: url === undefined ? undefined : remotePart(server, { group, version, url }),
        expires,
      };
    } catch {
      return { server, part: kept, expires };
    }
  }
}

/** URL of a path's document on a server, which changes with the content. */
async function documentURL(server: RemoteServer, path: string): Promise<string | undefined> {
  const root = await downloadJSON(server, ROOT, ROOT_TIMEOUT_MS);
  const paths = isJSONObject(root) ? root['paths'] : undefined;
  const entry = isJSONObject(paths) && Object.hasOwn(paths, path) ? paths[path] : undefined;
  const url = isJSONObject(entry) ? entry['serverRelativeURL'] : undefined;
  return typeof url === 'string' && url.startsWith(`${ROOT}/`) ? url : undefined;
}

interface RemoteDocument {
  readonly group: string;
  readonly version: string;
  readonly url: string;
}

function remotePart(server: RemoteServer, { group, version, url }: RemoteDocument): RemoteOpenAPIPart {
  return {
    path: `apis/${group}/${version}`,
    state: () => url,
    document: () => downloadDocument(server, url),
    swagger: () => downloadSwagger(server, `/apis/${group}/${version}/`).catch(() => undefined),
  };
}

async function downloadDocument(server: RemoteServer, url: string): Promise<OpenAPISchema> {
  try {
    return (await downloadJSON(server, url, TIMEOUT_MS)) as OpenAPISchema;
  } catch (error) {
    throw newServiceUnavailable(`error trying to reach service: ${(error as Error).message}`);
  }
}

const section = (document: unknown, name: string): Record<string, OpenAPISchema> => {
  const value = isJSONObject(document) ? document[name] : undefined;
  return isJSONObject(value) ? (value as Record<string, OpenAPISchema>) : {};
};

/** Throws for a document that can't be written as protobuf. */
async function downloadSwagger(server: RemoteServer, prefix: string): Promise<Swagger> {
  const document = await downloadJSON(server, '/openapi/v2', TIMEOUT_MS);
  const { filterSwagger } = await import('../endpoints/openapi/merge-swagger.ts');
  const swagger = filterSwagger(
    {
      paths: section(document, 'paths'),
      definitions: section(document, 'definitions'),
      parameters: section(document, 'parameters'),
    },
    prefix,
  );
  const { encodeOpenAPIV2 } = await import('../endpoints/openapi/gnostic/openapi-v2.ts');
  encodeOpenAPIV2(swagger);
  return swagger;
}
