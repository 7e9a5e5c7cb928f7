/** The aggregator function: discovery, OpenAPI, APIServices, and all paths that no other tier owns. */

import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { functionServer } from '../adapter/function-server.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

showSourcePositions();
const { loaded, create } = functionServer(process.env);
export const handler = lambdaHandler(create);
await loaded;
