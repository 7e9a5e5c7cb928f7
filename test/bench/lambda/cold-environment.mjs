// An execution environment: a process that imports a function and then handles events. Each input line is a JSON object
// with an event and the milliseconds that pass before it. Prints a line of JSON for the import, and one for each
// response.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [file] = process.argv.slice(2);
const REMAINING_MS = 30_000;

let passed = 0;
for (const clock of [Date, performance]) {
  const now = clock.now.bind(clock);
  clock.now = () => now() + passed;
}

/** Wall clock and processor time, in milliseconds. */
async function measured(run) {
  const wall = performance.now();
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { result, wall: performance.now() - wall, cpu: (user + system) / 1000 };
}

const print = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);
const { result: module, ...imported } = await measured(() => import(pathToFileURL(file).href));
print(imported);
for await (const line of createInterface({ input: process.stdin })) {
  const { event, passMs = 0 } = JSON.parse(line);
  passed += passMs;
  const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => REMAINING_MS };
  const { result: answer, ...answered } = await measured(() => module.handler(event, context));
  const { statusCode: status = 200, body } = answer ?? {};
  const megabytes = process.resourceUsage().maxRSS / 1024;
  print({ ...answered, status, megabytes, ...(status >= 300 && { body }) });
}
process.exit(0);
