// Loaded into the server before its own modules: measures the longest hold of its event loop in processor time of the
// main thread, independent of other load on the machine. On SIGUSR2 it writes `NUMBER MILLISECONDS` to the file
// ZEROPLANE_ATTACK_HOLDS, where NUMBER counts the reports, and resets. The server exits when the attacking process ends
// in any way. Needs Linux.
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Turns shorter than this are reported as the sum between two samples. */
const POLL_INTERVAL_MS = 5;

/** Milliseconds for which the main thread has run. */
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
  setInterval(look, POLL_INTERVAL_MS).unref();
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
