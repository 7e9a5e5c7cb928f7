// The other client: requests its own object every 100 ms. `node probe.mjs URL TOKEN PATH PID`, with a channel to its
// parent: on any message it replies with its measurements since the last one. For each wait it also reports the part
// without the time for which it and the server's main thread (PID) waited for a processor, independent of other load on
// the machine. Needs Linux.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

const [base, token, path, pid] = process.argv.slice(2);
const url = new URL(path, base);
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

let longest = 0;
let longestWait = 0;
let failures = 0;
/** Requests in flight: when they were sent, and the processor wait at that time. */
const underWay = new Set();

/** Milliseconds for which two threads were runnable but not running; nothing is added for a thread that has ended. */
function delays() {
  let sum = 0;
  for (const thread of [process.pid, pid]) {
    try {
      sum += Number(readFileSync(`/proc/${thread}/task/${thread}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
    } catch {
      // The server has exited.
    }
  }
  return sum;
}

function look({ sent, delayed }) {
  const wait = performance.now() - sent;
  longestWait = Math.max(longestWait, wait);
  longest = Math.max(longest, wait - Math.max(0, delays() - delayed));
}

function ask() {
  const asked = { sent: performance.now(), delayed: delays() };
  underWay.add(asked);
  const done = (ok) => {
    if (!underWay.delete(asked)) return;
    look(asked);
    if (!ok) failures++;
  };
  const headers = { authorization: `Bearer ${token}` };
  request(url, { agent, headers }, (response) => {
    response.resume();
    response.on('error', () => done(false));
    response.on('end', () => done(response.statusCode === 200));
  })
    .on('error', () => done(false))
    .end();
}

setInterval(ask, 100);
process.on('message', () => {
  for (const asked of underWay) look(asked);
  process.send({ longest, longestWait, failures });
  longest = longestWait = failures = 0;
});
process.on('disconnect', () => process.exit());
