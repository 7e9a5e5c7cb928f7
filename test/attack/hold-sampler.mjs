// Loaded into the server before its own modules: the longest time that its event loop was held, in processor time of its
// main thread, so that what else runs on the machine doesn't count. On SIGUSR2 it writes `NUMBER MILLISECONDS` to the file
// ZEROPLANE_ATTACK_HOLDS, for the NUMBERth time, and forgets them. The server ends with who attacks it, however that
// ends. Needs Linux.
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** What shorter turns of the loop cost is told as the sum of those between two looks. */
const LOOK_MS = 5;

/** Milliseconds that the main thread ran. */
const used = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

const file = process.env.ZEROPLANE_ATTACK_HOLDS;
if (isMainThread && file !== undefined) {
  let longest = 0;
  let last = used();
  let told = 0;
  const look = () => {
    const now = used();
    longest = Math.max(longest, now - last);
    last = now;
  };
  setInterval(look, LOOK_MS).unref();
  const attacker = process.ppid;
  setInterval(() => {
    if (process.ppid !== attacker) process.exit(1);
  }, 1000).unref();
  process.on('SIGUSR2', () => {
    look();
    writeFileSync(file, `${++told} ${longest}`);
    longest = 0;
    last = used();
  });
}
