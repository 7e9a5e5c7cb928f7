/** The apiextensions function: CustomResourceDefinitions and the resources they define. */

import { loadCompiler } from '../../shared/apiextensions/serving/definition-index.ts';
import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { functionServer } from '../adapter/function-server.ts';
import { lambdaHandler } from '../adapter/lambda-handler.ts';

showSourcePositions();
const { loaded, create } = functionServer(process.env);
export const handler = lambdaHandler(create);
// Its first request is likely to need the schema compiler.
await Promise.all([loaded, loadCompiler()]);
