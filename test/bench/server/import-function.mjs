// A function's cold start in a process of its own, as far as its import: prints milliseconds.
import { pathToFileURL } from 'node:url';

globalThis.awslambda = { streamifyResponse: (handler) => handler };
const startedAt = performance.now();
await import(pathToFileURL(process.argv[2]).href);
console.log(performance.now() - startedAt);
process.exit(0);
