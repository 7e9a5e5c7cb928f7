/** The aggregator function: discovery, OpenAPI, APIServices, and what no other tier owns. */

import { createFunctionHandler } from '../adapter/function-server.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

export const handler = lambdaHandler(createFunctionHandler);
