/**
 * A host for many tenants and many concurrent requests, over HTTP/1.1: an AWS Lambda Web Function, or a container. TLS
 * ends in front of it.
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
import { newStorageMemory } from '../../shared/storage/dynamodb/storage-memory.ts';
import { SharedContents } from '../../shared/storage/shared-contents.ts';
import { TableUsageCounter } from '../../shared/storage/table-usage.ts';
import { newLogger } from '../../shared/util/logger.ts';
import { AnswersInFlight } from '../local/http/answers-in-flight.ts';
import { BodiesInFlight } from '../local/http/bodies-in-flight.ts';
import { HTTP1_BOUNDS } from '../local/http/https-server.ts';
import { nodeListener } from '../local/http/node-adapter.ts';
import { listenToOtherEvents } from '../local/http/other-events.ts';
import { YAMLConverter } from '../local/http/yaml-converter.ts';
import { LoopWatch } from '../local/loop-watch.ts';
import { gatewayRequest } from './gateway-request.ts';
import { hostMemory, processMemory } from './host-memory.ts';

export interface WebHost {
  readonly port: number;
  /** Ends watches, waits up to `graceMs` for running requests, then cuts off the rest. */
  close(graceMs: number): Promise<void>;
}

/** The stream of a Web Function, like that of API Gateway, is cut off after this many seconds. */
const TIMEOUT_SECONDS = 900;
/** Reserved from that: the clock of the gateway started earlier, by a cold start at most. */
const CLOSING_SECONDS = 15;
/** Share of the time after which watches of reconnecting clients end, each at a slightly different time. */
const WATCH_SHARE = 14 / 15;
/** API Gateway cuts off a stream that is silent for five minutes. */
const SILENCE_MS = 270_000;
const SWEEP_MS = 10_000;

/** `0.0.0.0:3000`, the form of `AWS_LAMBDA_HTTP_ENDPOINT`. Throws Error for anything else. */
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
 * Listens at once, before anything of the fleet is loaded, because the platform waits for that.
 * `AWS_LAMBDA_HTTP_ENDPOINT` is the address to listen on, `ZEROPLANE_GATEWAY_SECRET` a secret shared with the gateway
 * in front, `ZEROPLANE_ENDPOINT` the fleet's address if there is no gateway, `ZEROPLANE_TIMEOUT_SECONDS` the maximum
 * duration of a response; other variables are those of a fleet's function. Rejects if it can't listen, or for missing
 * names.
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
    memory: {
      ...newStorageMemory(memory.objectBytes, memory.formBytes),
      contents: new SharedContents(),
    },
    logger,
    tableUsage: new TableUsageCounter(),
    reportUsage: (tenant, usage, seconds) => console.log(usageLine(tenant, usage, seconds)),
  };
  // The gateway's address takes precedence, since functions use it.
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
  const answers = new AnswersInFlight();
  const listener = nodeListener(watched, {
    bodies: new BodiesInFlight(),
    answers,
    convertYAML: new YAMLConverter().convert,
    longestMs: Math.max(1, seconds - CLOSING_SECONDS) * 1000,
  });
  const server = createServer({ maxHeaderSize: HTTP1_BOUNDS.maxHeaderSize }, listener);
  Object.assign(server, HTTP1_BOUNDS);
  listenToOtherEvents(server, watched, listener, answers);
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

/** Response to requests that bypass the gateway by the host's own address. */
function notTheGateway(): StatusError {
  return new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: "this host serves the fleet's API, and is reachable only at its address",
  });
}
