// One execution environment: a process that imports a function and handles events. Each input line is JSON with an event
// and the milliseconds to wait before it. Prints a JSON line for the import and for each response.
import { readFileSync } from 'node:fs';
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

/** Peak memory of this program. `maxRSS` is inherited from the parent on Linux. */
function mostMegabytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
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
  print({ ...answered, status, megabytes: mostMegabytes(), ...(status >= 300 && { body }) });
}
process.exit(0);
