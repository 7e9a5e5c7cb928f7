import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ownCopy, ownText, ownTexts } from '../../../shared/util/own-text.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MB = 1_000_000;
const ACROSS = 'text without end ';

/** MB retained by the results of `of` for 40 texts of 1 MB. */
function keptBy(of: (text: string) => unknown): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: 40 }, (_, n) =>
    of(Buffer.from(`${n}${ACROSS.repeat(MB / ACROSS.length)}`).toString()),
  );
  collectGarbage();
  const after = process.memoryUsage().heapUsed;
  expect(kept).toHaveLength(40);
  return (after - before) / MB;
}

const part = (text: string): string => text.slice(10, 40);

test('a substring retains the whole text, and a copy does not', () => {
  expect(keptBy(part)).toBeGreaterThan(30);
  expect(keptBy((text) => ownText(part(text)))).toBeLessThan(10);
  expect(keptBy((text) => ownTexts({ [part(text)]: part(text) }))).toBeLessThan(10);
  expect(keptBy((text) => ownCopy({ a: [part(text)] }))).toBeLessThan(10);
});

test.each(['', 'short', 'a text of some length', 'bücher und mehr, 漢字', '\u{1f600} and more of that'])(
  '%j is unchanged',
  (text) => {
    expect([ownText(text), ownTexts({ [text]: text }), ownCopy({ text })]).toEqual([
      text,
      { [text]: text },
      { text },
    ]);
  },
);
