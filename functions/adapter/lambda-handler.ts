/** Middy handlers around an `ApiHandler`, streaming and buffered. */

import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { newInternalError } from '../../shared/meta/status-error.ts';
import type { ApiHandler, ApiRequest, ApiResponse } from '../../shared/request/api-request.ts';
import { toApiRequest } from './api-gateway-event.ts';
import { toProxyResult, toStreamingResult } from './api-gateway-result.ts';

/** Builds the function's server; called when the first request arrives. */
export type CreateHandler = () => Promise<ApiHandler>;

type Middleware = MiddlewareObj<unknown, unknown, Error, Context>;

/** Between the event and the core: an `ApiRequest` in, an `ApiResponse` out. */
function apiGateway(canStream: boolean, toResult: (response: ApiResponse) => unknown): Middleware {
  return {
    before: (request) => {
      request.event = toApiRequest(request.event as APIGatewayProxyEvent, request.context, { canStream });
    },
    after: async (request) => {
      request.response = await toResult(request.response as ApiResponse);
    },
    onError: async (request) => {
      // The chain answers every error itself: what comes here is a fault of start-up, or of this adapter.
      console.error(
        JSON.stringify({ level: 'error', message: 'request failed', error: String(request.error) }),
      );
      const { status } = newInternalError('the function could not serve the request');
      const body = new TextEncoder().encode(`${JSON.stringify(status)}\n`);
      request.response = await toResult({
        status: 500,
        headers: { 'content-type': 'application/json' },
        body,
      });
    },
  };
}

/** Makes the server at most once per environment; a start that failed is tried again by the next request. */
function serve(create: CreateHandler) {
  let handler: Promise<ApiHandler> | undefined;
  return async (request: unknown): Promise<ApiResponse> => {
    handler ??= create();
    handler.catch(() => {
      handler = undefined;
    });
    return (await handler)(request as ApiRequest);
  };
}

/** For integrations that wait for the whole answer: SAM's local API, load balancers, direct invocations. */
export function bufferedHandler(create: CreateHandler) {
  // Middy's own early timeout is off: a request's signal ends it with a Kubernetes Status.
  return middy<unknown, unknown, Error, Context>({ timeoutEarlyInMillis: 0 })
    .use(apiGateway(false, toProxyResult))
    .handler(serve(create));
}

/** For REST APIs in response streaming mode. Needs the global `awslambda` when called. */
export function streamingHandler(create: CreateHandler) {
  return middy<unknown, unknown, Error, Context>({ timeoutEarlyInMillis: 0, streamifyResponse: true })
    .use(apiGateway(true, toStreamingResult))
    .handler(serve(create));
}

/**
 * The handler for where the function runs: SAM's local API can't stream, and its container has no `awslambda`.
 */
export function lambdaHandler(create: CreateHandler) {
  const isStreaming = 'awslambda' in globalThis && process.env['AWS_SAM_LOCAL'] !== 'true';
  return isStreaming ? streamingHandler(create) : bufferedHandler(create);
}
