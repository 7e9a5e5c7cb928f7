import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { breakSilence } from '../../../shared/endpoints/handlers/break-silence.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SECOND = 1_000;
const bytes = (text: string) => new TextEncoder().encode(text);

/** Frames at the given seconds, until stopped. */
function framesAt(seconds: readonly number[]) {
  const stopping = new AbortController();
  const stopped = new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
  async function* frames() {
    let now = 0;
    for (const at of seconds) {
      const wait = new Promise<void>((resolve) => setTimeout(resolve, (at - now) * SECOND));
      await Promise.race([wait, stopped]);
      if (stopping.signal.aborted) return;
      now = at;
      yield bytes(`${at}`);
    }
    await stopped;
  }
  return { frames: frames(), stop: () => stopping.abort() };
}

test.each<[string, readonly number[], string | undefined, readonly string[]]>([
  ['timely frames pass', [3, 6, 9], undefined, ['3 at 3', '6 at 6', '9 at 9', 'end at 19']],
  ['silence is filled', [3, 26], ' ', ['3 at 3', '  at 13', '  at 23', '26 at 26', '  at 36']],
  ['silence before the first frame is filled', [12], ' ', ['  at 10', '12 at 12', '  at 22', '  at 32']],
  ["silence that can't be filled ends the stream", [3, 26], undefined, ['3 at 3', 'end at 13']],
])('%s', async (_, at, filler, expected) => {
  const { frames, stop } = framesAt(at);
  const seen: string[] = [];
  const start = Date.now();
  const tell = (what: string) => seen.push(`${what} at ${(Date.now() - start) / SECOND}`);
  const afterMs = 10 * SECOND;
  const stream = breakSilence(frames, {
    afterMs,
    filler: filler === undefined ? undefined : bytes(filler),
    stop,
  });
  const reading = (async () => {
    for await (const chunk of stream) tell(Buffer.from(chunk).toString());
    tell('end');
  })();
  await vi.advanceTimersByTimeAsync(39 * SECOND);
  expect(seen).toEqual(expected);
  stop();
  await reading;
  expect(vi.getTimerCount()).toBe(0);
});

test('a reader that stops ends the frames', async () => {
  const { frames, stop } = framesAt([1, 2, 3]);
  const stopped = vi.fn(stop);
  const stream = breakSilence(frames, { afterMs: SECOND * 10, filler: undefined, stop: stopped });
  const first = stream.next();
  await vi.advanceTimersByTimeAsync(SECOND);
  expect(await first).toEqual({ done: false, value: bytes('1') });
  await stream.return(undefined);
  expect(stopped).toHaveBeenCalledTimes(1);
  expect(await frames.next()).toEqual({ done: true, value: undefined });
});
