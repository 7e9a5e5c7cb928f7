// Measures a function's cold start up to its import, in a new process: prints milliseconds.
import { pathToFileURL } from 'node:url';

globalThis.awslambda = { streamifyResponse: (handler) => handler };
const startedAt = performance.now();
await import(pathToFileURL(process.argv[2]).href);
console.log(performance.now() - startedAt);
process.exit(0);
