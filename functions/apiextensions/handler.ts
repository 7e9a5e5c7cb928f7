/** The apiextensions function: CustomResourceDefinitions and the resources they define. */

import { createFunctionHandler } from '../adapter/function-server.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

export const handler = lambdaHandler(createFunctionHandler);
