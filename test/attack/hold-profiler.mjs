// Loaded with hold-sampler.mjs if `--who` is given: profiles each long hold of the event loop, and writes it to
// standard error as `held for MILLISECONDS: FUNCTION SHARE, ...`, by the processor time spent below each function,
// independent of other load on the machine. Needs Linux.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const POLL_INTERVAL_MS = 5;
const LONG_MS = 50;
const SAMPLE_US = 1000;
/** If two samples are further apart, the thread was waiting for the processor. */
const MAX_SAMPLE_US = 2 * SAMPLE_US;
/** Maximum number of functions reported, and the minimum share of time spent below each. */
const MAX_REPORTED = 40;
const MIN_SHARE = 0.15;

/** Milliseconds for which the main thread has run. */
const used = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

/** Milliseconds below each function of a profile, from a given time on (microseconds). */
function shares({ nodes, samples, timeDeltas, startTime }, from) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const spent = new Map();
  let at = startTime;
  samples.forEach((sample, index) => {
    at += timeDeltas[index];
    if (at < from) return;
    const seen = new Set();
    for (let id = sample; id !== undefined; id = parents.get(id)) {
      const { functionName, url, lineNumber } = byId.get(id).callFrame;
      seen.add(`${functionName || '?'}@${basename(url)}:${lineNumber + 1}`);
    }
    for (const name of seen)
      spent.set(name, (spent.get(name) ?? 0) + Math.min(timeDeltas[index], MAX_SAMPLE_US) / 1000);
  });
  return spent;
}

if (isMainThread) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
  session.post('Profiler.start');
  let last = performance.now();
  let lastUsed = used();
  let profiledSince = last;
  setInterval(() => {
    const now = performance.now();
    const lasted = now - last;
    const held = used() - lastUsed;
    if (held > LONG_MS || now - profiledSince > 2000) {
      session.post('Profiler.stop', (_, { profile }) => {
        if (held <= LONG_MS) return;
        const told = [...shares(profile, profile.endTime - lasted * 1000)]
          .filter(([, ms]) => ms / held > MIN_SHARE)
          .sort(([, a], [, b]) => b - a)
          .slice(0, MAX_REPORTED)
          .map(([name, ms]) => `${name} ${ms.toFixed(0)}`);
        process.stderr.write(`held for ${held.toFixed(0)}: ${told.join(', ')}\n`);
      });
      session.post('Profiler.start');
      profiledSince = performance.now();
    }
    last = performance.now();
    lastUsed = used();
  }, POLL_INTERVAL_MS).unref();
}
