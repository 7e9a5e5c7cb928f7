/** The kube-apiserver function: the built-in API groups. */

import { createFunctionHandler } from '../adapter/function-server.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

export const handler = lambdaHandler(createFunctionHandler);
