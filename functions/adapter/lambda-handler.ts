/** Middy handlers around an `ApiHandler`, streaming and buffered. */

import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { newInternalError, StatusError } from '../../shared/meta/status-error.ts';
import type { ApiHandler, ApiRequest, ApiResponse } from '../../shared/request/api-request.ts';
import { statusResponse } from '../../shared/request/status-response.ts';
import { newUnavailable } from '../../shared/rest/storage-errors.ts';
import { once } from '../../shared/util/once.ts';
import { endpointOf, toApiRequest } from './api-gateway-event.ts';
import { toProxyResult, toStreamingResult } from './api-gateway-result.ts';
import { functionMemory } from './function-memory.ts';
import { beginInvocation, logger, requestLog } from './logger.ts';

/** Creates the function's server; called on the first request, with the address in it. */
export type CreateHandler = (endpoint: string | undefined) => Promise<ApiHandler>;

type Middleware = MiddlewareObj<unknown, unknown, Error, Context>;

/** The request built from a Lambda event. */
interface Invocation {
  readonly request: ApiRequest;
  readonly endpoint: string | undefined;
  /** Called when the response is no longer consumed. */
  readonly leave: () => void;
}

interface GatewayForm {
  /** Whether a response can be streamed. */
  readonly canStream: boolean;
  readonly toResult: (response: ApiResponse, leave?: () => void) => unknown;
}

/** Middleware that converts an event to an `ApiRequest`, and an `ApiResponse` to a result. */
function apiGateway({ canStream, toResult }: GatewayForm): Middleware {
  return {
    before: (middyRequest) => {
      const { event, context } = middyRequest;
      const gone = new AbortController();
      const requestId = context.awsRequestId ?? '';
      const onEnd = requestLog.begin({ requestId, isColdStart: beginInvocation(requestId) });
      const invocation: Invocation = {
        request: toApiRequest(event, context, {
          ...{ canStream, gone: gone.signal, onEnd },
          claimAnswer: functionMemory.claim,
        }),
        endpoint: endpointOf(event, process.env['AWS_REGION']),
        leave: () => gone.abort(),
      };
      middyRequest.event = invocation;
    },
    after: async (middyRequest) => {
      middyRequest.response = await toResult(
        middyRequest.response as ApiResponse,
        (middyRequest.event as Invocation).leave,
      );
    },
    onError: async (middyRequest) => {
      middyRequest.response = await toResult(errorResponse(middyRequest.error));
    },
  };
}

/** Retry-After for clients of a function that can't start, in seconds. */
const RETRY_AFTER_SECONDS = 2;

/** A failed start is never the client's fault. */
function startError(error: unknown): StatusError {
  logger.error('the server could not start', error);
  return newUnavailable(error, 'the server could not start', RETRY_AFTER_SECONDS);
}

/** The chain handles every error itself: an error here is a fault of start-up, or of this adapter. */
function errorResponse(error: unknown): ApiResponse {
  const shown =
    error instanceof StatusError ? error : newInternalError('the function could not serve the request');
  if (shown !== error) logger.error('request failed', error);
  return statusResponse(shown);
}

/** Creates the server at most once per environment; the next request retries a start that failed. */
function serve(create: CreateHandler) {
  const handlerFor = once(async (endpoint: string | undefined) => {
    try {
      return await create(endpoint);
    } catch (error) {
      throw startError(error);
    }
  });
  return async (event: unknown): Promise<ApiResponse> => {
    const { request, endpoint } = event as Invocation;
    return (await handlerFor(endpoint))(request);
  };
}

/** For integrations that wait for the whole response: SAM's local API, load balancers, direct invocations. */
export function bufferedHandler(create: CreateHandler) {
  // Middy's own early timeout is disabled: a request's signal ends it with a Kubernetes Status.
  return middy<unknown, unknown, Error, Context>({ timeoutEarlyInMillis: 0 })
    .use(apiGateway({ canStream: false, toResult: toProxyResult }))
    .handler(serve(create));
}

/** For REST APIs in response streaming mode. Needs the global `awslambda` when called. */
export function streamingHandler(create: CreateHandler) {
  return middy<unknown, unknown, Error, Context>({ timeoutEarlyInMillis: 0, streamifyResponse: true })
    .use(apiGateway({ canStream: true, toResult: toStreamingResult }))
    .handler(serve(create));
}

/** The handler for the function's environment: SAM's local API can't stream, and its container has no `awslambda`. */
export function lambdaHandler(create: CreateHandler) {
  const isStreaming = 'awslambda' in globalThis && process.env['AWS_SAM_LOCAL'] !== 'true';
  return isStreaming ? streamingHandler(create) : bufferedHandler(create);
}
