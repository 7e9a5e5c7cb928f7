/** Another API server, which serves the group version of an APIService (upstream's `handler_proxy.go`). */

import type { IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import type { APIService } from '../apis/apiregistration/v1/types.ts';
import type { ServingContext } from '../endpoints/routing/serving-context.ts';
import type { ApiResponse, HeaderFields } from '../request/api-request.ts';
import type { UserInfo } from '../request/user-info.ts';
import type { ResolveService } from '../rest/service-resolver.ts';
import { callFailure } from '../rest/webhook-errors.ts';
import type { AddressGuard } from '../util/address-guard.ts';
import type { Logger } from '../util/logger.ts';
import { traceHeaders } from '../util/spans.ts';
import { tlsTrust } from '../util/tls-trust.ts';
import { tracedCall } from '../util/traced-call.ts';
import { whenWithoutResponse } from '../util/without-response.ts';

/** Client certificate by which the aggregator authenticates to remote servers as the front proxy. PEM. */
interface ProxyClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Called on the first request to a remote server. */
export type GetProxyClientCertificate = () => Promise<ProxyClientCertificate>;

/** Headers of a single connection (RFC 9110 section 7.6.1); lengths are recomputed. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
  'content-length',
]);

/** Upstream's `RejectForwardingRedirects`, enabled by `--aggregator-reject-forwarding-redirect`. */
const REDIRECTED = 'the backend attempted to redirect this request, which is not permitted';

export interface RemoteRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
  readonly user: UserInfo;
  readonly signal: AbortSignal;
}

export interface RemoteServerOptions {
  readonly resolveService: ResolveService;
  readonly client: GetProxyClientCertificate | undefined;
  /** Servers that may be called. */
  readonly addresses: AddressGuard;
  /** Logs calls. */
  readonly logger: Logger;
}

/** The request failed before a response. */
export class RemoteServerError extends Error {
  override readonly name = 'RemoteServerError';
}

export class RemoteServer {
  readonly #apiService: APIService;
  readonly #resolveService: ResolveService;
  readonly #client: GetProxyClientCertificate | undefined;
  readonly #addresses: AddressGuard;
  readonly #logger: Logger;
  #agent: Agent | undefined;

  constructor(apiService: APIService, { resolveService, client, addresses, logger }: RemoteServerOptions) {
    this.#apiService = apiService;
    this.#resolveService = resolveService;
    this.#client = client;
    this.#addresses = addresses;
    this.#logger = logger;
  }

  /** Forwards a client's request. Throws `RemoteServerError`. */
  async proxy(context: ServingContext): Promise<ApiResponse> {
    const { request, user } = context;
    const message = await this.send({
      method: request.method,
      path: request.path,
      query: request.query.toString(),
      headers: request.headers,
      body: request.body,
      user,
      signal: context.signal,
    });
    const { statusCode: status = 502 } = message;
    if (status >= 300 && status <= 399 && message.headers.location) {
      message.destroy();
      return { status: 502, headers: {}, body: Buffer.from(REDIRECTED) };
    }
    const headers = Object.fromEntries(
      Object.entries(message.headers).filter(([name, value]) => !HOP_BY_HOP.has(name) && value !== undefined),
    ) as ApiResponse['headers'];
    return { status, headers, body: message };
  }

  /** Throws `RemoteServerError`. */
  async send(remote: RemoteRequest): Promise<IncomingMessage> {
    try {
      return await this.#sendTo(await this.#resolve(), remote);
    } catch (error) {
      throw new RemoteServerError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  /** Rejects, with the messages of upstream's aggregator, unless the server's response to `remote` is a success. */
  async probe(remote: RemoteRequest): Promise<void> {
    const base = await this.#resolve();
    const url = new URL(remote.path, base).href;
    let fault: string;
    try {
      const message = await this.#sendTo(base, remote);
      message.destroy();
      const { statusCode = 0 } = message;
      if (statusCode >= 200 && statusCode < 400) return;
      fault = `bad status from ${url}: ${statusCode}`;
    } catch (error) {
      fault = `Get ${JSON.stringify(url)}: ${callFailure(error as Error)}`;
    }
    throw new RemoteServerError(`failing or missing response from ${url}: ${fault}`);
  }

  #resolve(): Promise<URL> {
    const { namespace = '', name = '', port = 443 } = this.#apiService.spec.service ?? {};
    return this.#resolveService({ namespace, name, port });
  }

  async #sendTo(base: URL, remote: RemoteRequest): Promise<IncomingMessage> {
    const { namespace = '', name = '' } = this.#apiService.spec.service ?? {};
    const { request } = await import('node:https');
    const agent = await this.#agentFor(`${name}.${namespace}.svc`);
    const url = new URL(remote.query === '' ? remote.path : `${remote.path}?${remote.query}`, base);
    const { method, signal, body } = remote;
    const codeOf = ({ statusCode = 0 }: IncomingMessage) => statusCode;
    return tracedCall(
      this.#logger,
      { method, url, codeOf },
      () =>
        new Promise<IncomingMessage>((resolve, reject) => {
          const headers = { ...proxyHeaders(remote), ...traceHeaders() };
          const connection = this.#addresses.connection(url);
          const outgoing = request(url, { method, agent, signal, headers, ...connection }, resolve);
          whenWithoutResponse(outgoing, reject);
          outgoing.end(body);
        }),
    );
  }

  close(): void {
    this.#agent?.destroy();
  }

  async #agentFor(servername: string): Promise<Agent> {
    if (this.#agent === undefined) {
      const { caBundle, insecureSkipTLSVerify } = this.#apiService.spec;
      const [{ Agent }, client] = await Promise.all([import('node:https'), this.#client?.()]);
      this.#agent ??= new Agent({
        keepAlive: true,
        servername,
        rejectUnauthorized: !insecureSkipTLSVerify,
        ...tlsTrust(caBundle && Buffer.from(caBundle, 'base64')),
        ...(client && { cert: client.certificate, key: client.key }),
      });
    }
    return this.#agent;
  }
}

/** Request headers including the user, which remote servers trust because of the aggregator's certificate. */
function proxyHeaders({ headers, user, body }: RemoteRequest): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = Object.create(null);
  for (const [name, values] of headers) {
    if (!HOP_BY_HOP.has(name) && !name.startsWith('x-remote-')) result[name] = [...values];
  }
  result['x-remote-user'] = user.name;
  if (user.uid !== '') result['x-remote-uid'] = user.uid;
  if (user.groups.length > 0) result['x-remote-group'] = [...user.groups];
  for (const [key, values] of Object.entries(user.extra)) {
    result[`x-remote-extra-${encodeURIComponent(key).toLowerCase()}`] = [...values];
  }
  if (body.byteLength > 0) result['content-length'] = String(body.byteLength);
  return result;
}
