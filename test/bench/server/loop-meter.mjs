// Loaded into a measured server (`node --import`): on request, reports to its parent the longest hold of the event loop
// since the last report, in milliseconds.
import { closeSync, openSync, readSync } from 'node:fs';

const TICK_MS = 4;
const buffer = Buffer.alloc(64);

/** Milliseconds for which this thread has run; undefined if the system does not report it. */
function worked() {
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const length = readSync(file, buffer, 0, buffer.length, 0);
    closeSync(file);
    return Number(buffer.toString('latin1', 0, length).split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

let longest = 0;
let at = performance.now();
let before = worked();
setInterval(() => {
  const now = performance.now();
  // On a busy machine everything takes longer: time for which this thread did not run is not a hold.
  const after = now - at > 2 * TICK_MS ? worked() : before;
  const held = now - at - TICK_MS;
  if (after !== before || after === undefined)
    longest = Math.max(longest, Math.min(held, after === undefined ? held : after - before));
  at = now;
  before = worked();
}, TICK_MS).unref();
process.on('message', () => {
  process.send(longest);
  longest = 0;
});
process.channel?.unref();
