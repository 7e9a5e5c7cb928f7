import { expect, test } from 'vitest';
import { mapIteration } from '../../../shared/util/map-iteration.ts';
import { END, ReadyIterator, readyIterator, type Taken } from '../../../shared/util/ready-iterator.ts';

/** Yields the values put into it; 'fail' throws, 'end' ends. */
class Letterbox extends ReadyIterator<string> {
  readonly told: string[] = [];
  readonly #letters: string[] = [];

  put(...letters: string[]): void {
    this.#letters.push(...letters);
    this.becomeReady();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.told.push('left');
    return END;
  }

  protected takeNow(): Taken<string> {
    const letter = this.#letters.shift();
    if (letter === 'fail') throw new Error('lost');
    if (letter === 'end') return END;
    return letter === undefined ? undefined : { done: false, value: letter };
  }
}

/** All available values, and the final state. */
function emptied<T>(values: ReadyIterator<T>): unknown[] {
  const all: unknown[] = [];
  try {
    for (let taken = values.take(); ; taken = values.take()) {
      if (taken === undefined) return [...all, 'nothing yet'];
      if (taken.done) return [...all, 'the end'];
      all.push(taken.value);
    }
  } catch (error) {
    return [...all, String(error)];
  }
}

const ready = (values: ReadyIterator<unknown>): Promise<void> =>
  new Promise((resolve) => values.whenReady(resolve));

test('available values are taken without waiting, through mappings too', () => {
  const box = new Letterbox();
  const loud = mapIteration(box, (letter) => letter.toUpperCase());
  expect(emptied(loud)).toEqual(['nothing yet']);
  const woken: string[] = [];
  loud.whenReady(() => woken.push('ready'));
  box.put('a', 'b');
  box.put('c');
  expect([woken, emptied(loud)]).toEqual([['ready'], ['A', 'B', 'C', 'nothing yet']]);
  box.put('d', 'end');
  expect(emptied(loud)).toEqual(['D', 'the end']);
  expect(emptied(loud)).toEqual(['the end']);
});

test('a value mapped asynchronously delays those after it only until it is ready', async () => {
  const box = new Letterbox();
  const slow = mapIteration(box, (letter) => (letter === 'b' ? Promise.resolve('later') : letter));
  box.put('a', 'b', 'c', 'end');
  expect(emptied(slow)).toEqual(['a', 'nothing yet']);
  await ready(slow);
  expect(emptied(slow)).toEqual(['later', 'c', 'the end']);
});

test('an error is thrown where it is taken, or is the last value, and ends the iteration', async () => {
  const failing = new Letterbox();
  failing.put('a', 'fail');
  const plain = mapIteration(failing, (letter) => letter);
  expect([emptied(plain), emptied(plain)]).toEqual([['a', 'Error: lost'], ['the end']]);

  const told = new Letterbox();
  told.put('fail');
  const recovered = mapIteration(told, (letter) => letter, { recover: (error) => `last: ${error}` });
  expect(emptied(recovered)).toEqual(['last: Error: lost', 'the end']);

  const unmapped = new Letterbox();
  unmapped.put('a');
  const broken = mapIteration(unmapped, () => {
    throw new Error('unreadable');
  });
  expect(emptied(broken)).toEqual(['nothing yet']);
  await ready(broken);
  expect([emptied(broken), unmapped.told]).toEqual([['Error: unreadable'], ['left']]);
});

test('it is iterated like any other, and any other can be taken from', async () => {
  const box = new Letterbox();
  const first = box.next();
  box.put('a', 'b', 'end');
  const rest: string[] = [];
  expect(await first).toEqual({ done: false, value: 'a' });
  for await (const letter of box) rest.push(letter);
  expect(rest).toEqual(['b']);

  async function* letters() {
    yield 'x';
    throw new Error('lost');
  }
  const asked = readyIterator(letters());
  expect(emptied(asked)).toEqual(['nothing yet']);
  await ready(asked);
  expect(emptied(asked)).toEqual(['x', 'nothing yet']);
  await ready(asked);
  expect(emptied(asked)).toEqual(['Error: lost']);
});
