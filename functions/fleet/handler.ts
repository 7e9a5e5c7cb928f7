/** A fleet's function: the management plane, and every tenant's control plane. */

import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { fleetServer } from '../adapter/fleet-handler.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

showSourcePositions();
const { loaded, create } = fleetServer(process.env);
export const handler = lambdaHandler(create);
await loaded;
