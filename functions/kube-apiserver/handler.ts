/** The kube-apiserver function: the built-in API groups. */

import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { functionServer } from '../adapter/function-server.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

showSourcePositions();
const { loaded, create } = functionServer(process.env);
export const handler = lambdaHandler(create);
await loaded;
