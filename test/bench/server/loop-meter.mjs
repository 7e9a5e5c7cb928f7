// Loaded into a server that is measured (`node --import`): tells its parent, when asked, for how long the event loop
// was held at most since it was asked before, in milliseconds.
import { closeSync, openSync, readSync } from 'node:fs';

const TICK_MS = 4;
const buffer = Buffer.alloc(64);

/** Milliseconds that this thread worked; undefined where the system doesn't tell. */
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
  // On a machine that is busy with others all take longer: what this thread did not work, it did not hold.
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
