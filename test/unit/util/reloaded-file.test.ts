import { expect, test } from 'vitest';
import { ReloadedFile } from '../../../shared/util/reloaded-file.ts';

interface World {
  text: string | undefined;
  now: number;
  reads: number;
  readonly loaded: string[];
  readonly told: string[];
}

function world(text: string): World & { file: ReloadedFile<number> } {
  const state: World = { text, now: 0, reads: 0, loaded: [], told: [] };
  const file = new ReloadedFile<number>({
    path: '/config',
    value: Number(text),
    text,
    readFile: (path) => {
      state.reads++;
      if (state.text === undefined) throw new Error(`no ${path}`);
      return state.text;
    },
    async load(given) {
      state.loaded.push(given);
      if (given.startsWith('x')) throw new Error(`bad ${given}`);
      return Number(given);
    },
    logger: {
      error: (message, error) => state.told.push(`${message}: ${(error as Error).message}`),
    },
    now: () => state.now,
  });
  return Object.assign(state, { file });
}

test('a file is checked once a second on use, and loaded when it changed', async () => {
  const it = world('1');
  expect([await it.file.current(), it.reads]).toEqual([1, 0]);
  it.text = '2';
  it.now = 999;
  expect([await it.file.current(), it.reads]).toEqual([1, 0]);
  it.now = 1_000;
  expect(await Promise.all([it.file.current(), it.file.current()])).toEqual([2, 2]);
  it.now = 3_600_000;
  expect([await it.file.current(), it.reads, it.loaded]).toEqual([2, 2, ['2']]);
});

test('an invalid file changes nothing, is reported, and retried after a minute or a change', async () => {
  const it = world('1');
  it.text = 'x1';
  for (it.now = 1_000; it.now <= 5_000; it.now += 1_000) expect(await it.file.current()).toBe(1);
  expect(it.told).toEqual(['Unable to reload /config: bad x1']);
  it.now = 61_000;
  expect([await it.file.current(), it.loaded]).toEqual([1, ['x1', 'x1']]);
  it.text = '3';
  it.now = 62_000;
  expect([await it.file.current(), it.told.length]).toEqual([3, 2]);
});

test('a missing file changes nothing, and is retried after a minute', async () => {
  const it = world('1');
  it.text = undefined;
  it.now = 1_000;
  expect([await it.file.current(), it.told]).toEqual([1, ['Unable to reload /config: no /config']]);
  it.text = '2';
  it.now = 2_000;
  expect([await it.file.current(), it.reads]).toEqual([1, 1]);
  it.now = 61_000;
  expect(await it.file.current()).toBe(2);
});

test('an invalid file restored to its previous text is valid', async () => {
  const it = world('1');
  it.text = 'x';
  it.now = 1_000;
  await it.file.current();
  it.text = '1';
  it.now = 2_000;
  expect([await it.file.current(), it.loaded]).toEqual([1, ['x', '1']]);
  it.now = 120_000;
  expect([await it.file.current(), it.loaded.length]).toEqual([1, 2]);
});
