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
import { beginInvocation, logger, requestLog } from './logger.ts';

/** Builds the function's server; called when the first request arrives, with the address it came by. */
export type CreateHandler = (endpoint: string | undefined) => Promise<ApiHandler>;

type Middleware = MiddlewareObj<unknown, unknown, Error, Context>;

/** What the middleware makes of an event. */
interface Invocation {
  readonly request: ApiRequest;
  readonly endpoint: string | undefined;
  /** Called when nobody takes the answer any more. */
  readonly leave: () => void;
}

interface GatewayForm {
  /** Whether an answer may go out piece by piece. */
  readonly canStream: boolean;
  readonly toResult: (response: ApiResponse, leave?: () => void) => unknown;
}

/** Between the event and the core: an `ApiRequest` in, an `ApiResponse` out. */
function apiGateway({ canStream, toResult }: GatewayForm): Middleware {
  return {
    before: (middyRequest) => {
      const { event, context } = middyRequest;
      const gone = new AbortController();
      const requestId = context.awsRequestId ?? '';
      const onEnd = requestLog.begin({ requestId, isColdStart: beginInvocation(requestId) });
      const invocation: Invocation = {
        request: toApiRequest(event, context, { canStream, gone: gone.signal, onEnd }),
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

/** Seconds after which a client of a function that can't start may come again. */
const RETRY_AFTER_SECONDS = 2;

/** Whatever keeps a server from starting is not its client's fault. */
function startError(error: unknown): StatusError {
  logger.error('the server could not start', error);
  return newUnavailable(error, 'the server could not start', RETRY_AFTER_SECONDS);
}

/** The chain answers every error itself: what comes here is a fault of start-up, or of this adapter. */
function errorResponse(error: unknown): ApiResponse {
  const told =
    error instanceof StatusError ? error : newInternalError('the function could not serve the request');
  if (told !== error) logger.error('request failed', error);
  return statusResponse(told);
}

/** Makes the server at most once per environment; a start that failed is tried again by the next request. */
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

/** For integrations that wait for the whole answer: SAM's local API, load balancers, direct invocations. */
export function bufferedHandler(create: CreateHandler) {
  // Middy's own early timeout is off: a request's signal ends it with a Kubernetes Status.
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

/**
 * The handler for where the function runs: SAM's local API can't stream, and its container has no `awslambda`.
 */
export function lambdaHandler(create: CreateHandler) {
  const isStreaming = 'awslambda' in globalThis && process.env['AWS_SAM_LOCAL'] !== 'true';
  return isStreaming ? streamingHandler(create) : bufferedHandler(create);
}
