import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzipFrames } from '../../../shared/util/gzip-frames.ts';

const bytes = (text: string) => Buffer.from(text);

test('each piece can be read as soon as it is sent', async () => {
  let send!: (text: string) => void;
  const source = (async function* () {
    for (let more = true; more; ) {
      const text = await new Promise<string>((resolve) => {
        send = resolve;
      });
      more = text !== '';
      if (more) yield bytes(text);
    }
  })();
  const frames = gzipFrames(source);
  const read = async (text: string) => {
    const next = frames.next();
    send(text);
    const { value, done } = await next;
    return done ? 'the end' : gunzipSync(value as Uint8Array).toString();
  };
  await new Promise((resolve) => setImmediate(resolve));
  const first = frames.next();
  send('one\n');
  expect(gunzipSync((await first).value as Uint8Array).toString()).toBe('one\n');
  expect(await read('two\n')).toBe('two\n');
  expect(await read('')).toBe('the end');
});

test('the whole stream decompresses to one text', async () => {
  async function* many() {
    for (let number = 0; number < 50; number++) yield bytes(`${number} `.repeat(2_000));
  }
  const parts: Uint8Array[] = [];
  for await (const part of gzipFrames(many())) parts.push(part);
  const expected = Array.from({ length: 50 }, (_, number) => `${number} `.repeat(2_000)).join('');
  expect(gunzipSync(Buffer.concat(parts)).toString()).toBe(expected);
});

test('errors are passed on, and a reader that stops ends the source', async () => {
  let ended = false;
  async function* failing() {
    try {
      yield bytes('a');
      throw new Error('broken');
    } finally {
      ended = true;
    }
  }
  const frames = gzipFrames(failing());
  await frames.next();
  await expect(frames.next()).rejects.toThrow('broken');
  expect(ended).toBe(true);
  async function* endless() {
    try {
      for (;;) yield bytes('b');
    } finally {
      ended = true;
    }
  }
  ended = false;
  const left = gzipFrames(endless());
  await left.next();
  await left.return();
  expect(ended).toBe(true);
});
