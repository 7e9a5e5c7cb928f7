// Somebody else's client: asks for its own object every 100 ms. `node probe.mjs URL TOKEN PATH`, with a channel to its
// parent: on any message it answers with what it saw since the last one.
import { Agent, request } from 'node:https';

const [base, token, path] = process.argv.slice(2);
const url = new URL(path, base);
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

let longest = 0;
let failures = 0;
/** When those under way were sent. */
const underWay = new Set();

function ask() {
  const sent = performance.now();
  underWay.add(sent);
  const done = (ok) => {
    if (!underWay.delete(sent)) return;
    longest = Math.max(longest, performance.now() - sent);
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
  for (const sent of underWay) longest = Math.max(longest, performance.now() - sent);
  process.send({ longest, failures });
  longest = failures = 0;
});
process.on('disconnect', () => process.exit());
