/** The aggregator function: discovery, OpenAPI, APIServices, and what no other tier owns. */

import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { createFunctionHandler } from '../adapter/function-server.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

showSourcePositions();
export const handler = lambdaHandler(createFunctionHandler);
