/**
 * Emulates API Gateway and Lambda: serves a SAM template's API with the functions' own bundles, each environment a
 * thread that handles one request at a time. For tests, and for trying a deployment locally.
 */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { root } from '../build/bundle-options.ts';
import type { ProxyRoute } from './api-definition.ts';
import { FunctionPool, type Invocation } from './function-pool.ts';
import { proxy } from './http-proxy.ts';
import { readPrelude } from './prelude.ts';
import { toProxyEvent } from './proxy-event.ts';
import { RouteTable } from './routes.ts';
import { readTemplate, type Template, type TemplateFunction, type TemplateWebFunction } from './template.ts';
import { startWebFunction, type WebFunction } from './web-function.ts';

export interface GatewayOptions {
  /** Path of the SAM template. */
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Folder with the functions' bundles. */
  readonly bundles: string;
  /** Variables added to the template's: endpoints and credentials of this machine. `url`: the gateway's. */
  readonly environment: (
    fn: TemplateFunction | TemplateWebFunction,
    url: string,
  ) => Readonly<Record<string, string>>;
  /** PEM; with a client CA, client certificates are requested and passed on, like with mutual TLS. */
  readonly tls?:
    | { readonly certificate: string; readonly key: string; readonly clientAuthority: string }
    | undefined;
  /** Called with each line that a function logs, by its logical name. Absent: lines go to this process's output. */
  readonly onLog?: ((name: string, line: string) => void) | undefined;
  /** Unset: any free port. */
  readonly port?: number | undefined;
  /**
   * Upper bound of functions' timeouts. A watch whose client is gone holds its environment until the timeout, as on
   * Lambda.
   */
  readonly maxTimeoutSeconds?: number | undefined;
}

export interface Gateway {
  /** Including the stage. */
  readonly url: string;
  readonly template: Template;
  /** Invokes a function by its logical name, like an event source; resolves with its result. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Number of cold starts so far, by function. */
  environments(): Readonly<Record<string, number>>;
  /** By logical name. */
  readonly webFunctions: ReadonlyMap<string, WebFunction>;
  close(): Promise<void>;
}

/** A function, or an address that requests are forwarded to. */
type Target = FunctionPool | ProxyRoute;

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const template = readTemplate(options.template, options.parameters);
  const pools = new Map<string, FunctionPool>();
  const webFunctions = new Map<string, WebFunction>();
  let table = new RouteTable<Target>([]);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    serve({ table, stage: template.stage }, request, response).catch((error: unknown) => {
      const isClients = error instanceof URIError;
      if (!isClients) console.error(String(error));
      if (!response.headersSent)
        answerError(response, isClients ? 400 : 502, isClients ? 'Bad Request' : 'Internal server error');
      response.destroy();
    });
  };
  const { tls } = options;
  const server =
    tls === undefined
      ? createHttpServer(listener)
      : createHttpsServer(
          {
            cert: tls.certificate,
            key: tls.key,
            ca: tls.clientAuthority,
            requestCert: true,
            rejectUnauthorized: false,
          },
          listener,
        );
  // Without an idle timeout, since a request sent while an idle connection closes would fail without a reason apparent
  // to its client.
  server.keepAliveTimeout = 0;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stage = template.stage === undefined ? '' : `/${template.stage}`;
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}${stage}`;
  const bounded = (seconds: number) => Math.min(seconds, options.maxTimeoutSeconds ?? seconds);
  for (const fn of template.webFunctions) {
    const { name, environment, maxConcurrency } = fn;
    const { onLog } = options;
    const started = await startWebFunction({
      bundles: options.bundles,
      environment: { ...environment, ...options.environment(fn, url) },
      maxConcurrency,
      timeoutSeconds: fn.timeoutSeconds,
      onLog: onLog && ((line) => onLog(name, line)),
    });
    webFunctions.set(name, started);
  }
  const routes = template.functions.flatMap((fn) => {
    const [folder, exportName] = fn.handler.split('.') as [string, string];
    const timeoutSeconds = bounded(fn.timeoutSeconds);
    const pool = new FunctionPool({
      name: fn.name,
      file: join(options.bundles, `${folder}.mjs`),
      exportName,
      environment: { ...fn.environment, ...options.environment(fn, url) },
      timeoutSeconds,
      workerFile: join(root, 'infra/emulator/environment-worker.mjs'),
      onLog: options.onLog,
    });
    pools.set(fn.name, pool);
    return fn.routes.map(({ method, path }) => ({ method, path, target: pool as Target }));
  });
  const proxied = template.proxies.map((route) => {
    const target: Target = { ...route, uri: addressed(route.uri, webFunctions) };
    return { method: route.method, path: route.path, target };
  });
  // A route with a specific method takes precedence over one with any method.
  table = new RouteTable([...proxied, ...routes]);
  return {
    url,
    template,
    invoke: async (functionName, event) => {
      const pool = pools.get(functionName);
      if (pool === undefined) throw new Error(`the template has no function ${functionName}`);
      const invocation = await pool.invoke(event);
      if (invocation.kind === 'stream') throw new Error(`${functionName} answers with a stream`);
      return invocation.result;
    },
    environments: () => Object.fromEntries([...pools].map(([name, pool]) => [name, pool.environments])),
    webFunctions,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await Promise.all([...pools.values(), ...webFunctions.values()].map((one) => one.close()));
    },
  };
}

/** Replaces the template's host name of a Web Function's endpoint by its address. */
function addressed(uri: string, webFunctions: ReadonlyMap<string, WebFunction>): string {
  return uri.replace(
    /^https:\/\/(\w+)Endpoint\.DomainName/,
    (_, name: string) => webFunctions.get(name)!.url,
  );
}

async function serve(
  { table, stage }: { readonly table: RouteTable<Target>; readonly stage: string | undefined },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const event = await toProxyEvent(request, stage);
  const match = event && table.match(event.httpMethod, event.path);
  if (match === undefined) {
    answerError(response, 403, 'Missing Authentication Token');
    return;
  }
  const { target, resource, pathParameters } = match;
  if (!(target instanceof FunctionPool)) {
    await proxy(target, event!, pathParameters, response);
    return;
  }
  const invocation = await target.invoke({ ...event, resource, pathParameters });
  if (invocation.kind === 'buffered') answerWhole(response, invocation.result as APIGatewayProxyResult);
  else await answerStream(response, invocation);
}

function answerError(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message }));
}

function answerWhole(response: ServerResponse, result: APIGatewayProxyResult): void {
  response.writeHead(result.statusCode, { ...result.headers, ...result.multiValueHeaders } as Record<
    string,
    string
  >);
  response.end(Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8'));
}

async function answerStream(
  response: ServerResponse,
  invocation: Invocation & { kind: 'stream' },
): Promise<void> {
  const { metadata, body } = await readPrelude(invocation.chunks);
  response.writeHead(metadata.statusCode, { ...metadata.headers, ...metadata.multiValueHeaders });
  response.flushHeaders();
  // The function continues after its client is gone; further output is dropped.
  for await (const chunk of body) if (!response.destroyed) response.write(chunk);
  response.end();
}
