/** A fleet's function: the management plane, and every control plane of the fleet. */

import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { createFleetHandler } from '../adapter/fleet-handler.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

showSourcePositions();
export const handler = lambdaHandler(createFleetHandler);
