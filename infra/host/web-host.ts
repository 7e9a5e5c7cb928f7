/**
 * A host that serves many tenants and many requests at once, over HTTP/1.1: as an AWS Lambda Web Function, or in a
 * container. What is in front of it speaks TLS.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fleetHandler } from '../../functions/adapter/fleet-handler.ts';
import type { FleetHosting } from '../../functions/adapter/function-fleet.ts';
import { usageLine } from '../../functions/adapter/management-plane.ts';
import { RequestLog, type RequestLogScope } from '../../functions/adapter/request-log.ts';
import { StatusError } from '../../shared/meta/status-error.ts';
import {
  type ApiHandler,
  type ApiRequest,
  headerOf,
  type StreamBounds,
} from '../../shared/request/api-request.ts';
import { statusResponse } from '../../shared/request/status-response.ts';
import { newStorageMemory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { TableUsageCounter } from '../../shared/storage/table-usage.ts';
import { newLogger } from '../../shared/util/logger.ts';
import { listenBesideRequests } from '../local/http/beside-requests.ts';
import { BodiesInFlight } from '../local/http/bodies-in-flight.ts';
import { HTTP1_BOUNDS } from '../local/http/https-server.ts';
import { nodeListener } from '../local/http/node-adapter.ts';
import { YAMLConverter } from '../local/http/yaml-converter.ts';
import { LoopWatch } from '../local/loop-watch.ts';
import { gatewayRequest } from './gateway-request.ts';
import { hostMemory, processMemory } from './host-memory.ts';

export interface WebHost {
  readonly port: number;
  /** Ends watches, lets running requests end for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** A Web Function's stream, as API Gateway's, is cut off after this many seconds. */
const TIMEOUT_SECONDS = 900;
/** Kept back from that: the clock of what is in front of the host began earlier, by a cold start at most. */
const CLOSING_SECONDS = 15;
/** Watches of clients that come again end by then, each a little earlier than the next. */
const WATCH_SHARE = 14 / 15;
/** API Gateway cuts a stream off that is silent for five minutes. */
const SILENCE_MS = 270_000;
const SWEEP_MS = 10_000;

/** `0.0.0.0:3000`, as `AWS_LAMBDA_HTTP_ENDPOINT` has it. Throws Error for anything else. */
export function listenAddress(endpoint: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(?:http:\/\/)?(.+):(\d{1,5})$/.exec(endpoint) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new Error(`AWS_LAMBDA_HTTP_ENDPOINT=${endpoint}: ADDRESS:PORT was expected`);
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** Throws Error for a text that is no positive number of seconds. */
function timeoutSeconds(text: string | undefined): number {
  const seconds = text === undefined || text === '' ? TIMEOUT_SECONDS : Number(text);
  if (!(seconds > 0)) throw new Error(`ZEROPLANE_TIMEOUT_SECONDS=${text}: a number of seconds was expected`);
  return seconds;
}

/**
 * Listens at once, before anything of the fleet is known: who started it waits for that. `AWS_LAMBDA_HTTP_ENDPOINT`
 * says where, `ZEROPLANE_GATEWAY_SECRET` what only the gateway in front of it knows, `ZEROPLANE_ENDPOINT` the fleet's
 * address where no gateway says it, `ZEROPLANE_TIMEOUT_SECONDS` how long an answer may go on; the rest of the
 * environment is a fleet's function's. Rejects when the address can't be
 * listened on, or for names that are missing.
 */
export async function startWebHost(environment: NodeJS.ProcessEnv): Promise<WebHost> {
  const { AWS_LAMBDA_HTTP_ENDPOINT: endpoint = '0.0.0.0:3000', AWS_REGION: region } = environment;
  const { ZEROPLANE_TENANT: name = '', ZEROPLANE_REQUEST_LOG } = environment;
  const secret = environment['ZEROPLANE_GATEWAY_SECRET'] || undefined;
  const { host, port } = listenAddress(endpoint);
  const seconds = timeoutSeconds(environment['ZEROPLANE_TIMEOUT_SECONDS']);
  const logger = newLogger(({ fields, ...record }) =>
    console.error(JSON.stringify({ ...record, tenant: name, ...fields })),
  );
  const requestLog = new RequestLog({
    functionName: 'host',
    tenant: name,
    scope: (ZEROPLANE_REQUEST_LOG || 'all') as RequestLogScope,
    write: (line) => console.log(line),
    now: Date.now,
  });
  const memory = hostMemory(processMemory());
  const hosting: FleetHosting = {
    frozenBetweenRequests: false,
    maxLoaded: memory.maxLoaded,
    isShort: memory.isShort,
    memory: newStorageMemory(memory.objectBytes, memory.formBytes),
    logger,
    tableUsage: new TableUsageCounter(),
    tellUsage: (tenant, usage, seconds) => console.log(usageLine(tenant, usage, seconds)),
  };
  // The gateway's word is better: it is what functions go by.
  let gatewayEndpoint: string | undefined;
  const fleet = fleetHandler(
    environment,
    hosting,
    () => gatewayEndpoint ?? environment['ZEROPLANE_ENDPOINT'],
  );
  const { runtime, meter } = fleet.fleet;
  const sweeping = setInterval(() => {
    runtime.sweep();
    void meter.flush();
  }, SWEEP_MS);
  sweeping.unref();
  const streamBounds: StreamBounds = { watchMs: seconds * 1000 * WATCH_SHARE, silenceMs: SILENCE_MS };
  const handler: ApiHandler = async (request) => {
    const came = gatewayRequest(request, { secret, region });
    if (came === undefined) return statusResponse(notTheGateway());
    gatewayEndpoint ??= came.endpoint;
    return fleet.handler({ ...came.request, streamBounds, onEnd: observerOf(request) });
  };
  const observerOf = ({ headers }: ApiRequest) =>
    requestLog.begin({ requestId: headerOf(headers, 'lambda-web-request-id') ?? '', isColdStart: false });
  const watch = new LoopWatch({
    onHold: ({ milliseconds, requests }) =>
      logger.warning(
        `the event loop was held for ${milliseconds} ms, while these were served: ${requests.join(', ')}`,
      ),
  });
  const watched = watch.watched(handler);
  const listener = nodeListener(watched, {
    bodies: new BodiesInFlight(),
    convertYAML: new YAMLConverter().convert,
    longestMs: Math.max(1, seconds - CLOSING_SECONDS) * 1000,
  });
  const server = createServer({ maxHeaderSize: HTTP1_BOUNDS.maxHeaderSize }, listener);
  Object.assign(server, HTTP1_BOUNDS);
  listenBesideRequests(server, watched, listener);
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async (graceMs) => {
      clearInterval(sweeping);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      fleet.drain();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await Promise.all([closed, meter.flush({ atOnce: true })]);
      clearTimeout(cut);
      watch.close();
    },
  };
}

/** The host has an address of its own, by which nobody is to get round what stands in front of it. */
function notTheGateway(): StatusError {
  return new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: "this host serves the fleet's API, and is reached by its address alone",
  });
}
