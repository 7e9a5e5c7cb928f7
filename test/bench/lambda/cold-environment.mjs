// One execution environment: a process that imports a function and answers one event. Prints JSON.
import { pathToFileURL } from 'node:url';

const [file, event] = process.argv.slice(2);
const REMAINING_MS = 30_000;

/** Milliseconds by the clock, and of the processor's. */
async function measured(run) {
  const wall = performance.now();
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { result, wall: performance.now() - wall, cpu: (user + system) / 1000 };
}

const { result: module, ...imported } = await measured(() => import(pathToFileURL(file).href));
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => REMAINING_MS };
const { result: answer, ...answered } = await measured(() => module.handler(JSON.parse(event), context));
const { statusCode: status, body } = answer;
const told = { status, ...(status >= 300 && { body }), imported, answered };
process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
