/**
 * The differences between two texts in the format of `diff -u`, using the blocks that Python's difflib and its Go port
 * find: the longest common block, then the longest before and after it, recursively
 * (https://github.com/pmezard/go-difflib/blob/master/difflib/difflib.go).
 */

const CONTEXT = 3;
/** From this number of lines on, lines that make up more than one percent of the text do not begin a block. */
const MANY_LINES = 200;

/** A block common to both texts: its start in each, and its length. */
type Block = readonly [before: number, after: number, size: number];

/** Lines [i1, i2) of the first text become lines [j1, j2) of the second. */
interface Change {
  readonly same: boolean;
  readonly i1: number;
  readonly i2: number;
  readonly j1: number;
  readonly j2: number;
}

/** Without file names; every line ends with a line break. Quadratic time in the number of lines at worst. */
export function unifiedDiff(before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return groupsOf(changesOf(commonBlocks(a, b)))
    .map((group) => {
      const [first, last] = [group[0]!, group.at(-1)!];
      const head = `@@ -${rangeOf(first.i1, last.i2)} +${rangeOf(first.j1, last.j2)} @@\n`;
      return head + group.map((change) => linesOf(change, a, b)).join('');
    })
    .join('');
}

function linesOf({ same, i1, i2, j1, j2 }: Change, a: readonly string[], b: readonly string[]): string {
  const marked = (mark: string, lines: readonly string[]): string =>
    lines.map((line) => `${mark}${line}\n`).join('');
  return same ? marked(' ', a.slice(i1, i2)) : marked('-', a.slice(i1, i2)) + marked('+', b.slice(j1, j2));
}

function rangeOf(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

/** The common blocks in order, adjacent ones merged; an empty block at the ends of both texts comes last. */
function commonBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const places = placesOf(b);
  const found: Block[] = [];
  const search = (aLow: number, aHigh: number, bLow: number, bHigh: number): void => {
    const [i, j, size] = longestBlock(a, b, places, [aLow, aHigh, bLow, bHigh]);
    if (size === 0) return;
    if (aLow < i && bLow < j) search(aLow, i, bLow, j);
    const last = found.at(-1);
    if (last !== undefined && last[0] + last[2] === i && last[1] + last[2] === j) {
      found[found.length - 1] = [last[0], last[1], last[2] + size];
    } else found.push([i, j, size]);
    if (i + size < aHigh && j + size < bHigh) search(i + size, aHigh, j + size, bHigh);
  };
  search(0, a.length, 0, b.length);
  return [...found, [a.length, b.length, 0]];
}

/** The positions of each line, without those of lines that occur too often. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const known = places.get(line);
    if (known === undefined) places.set(line, [index]);
    else known.push(index);
  }
  if (lines.length < MANY_LINES) return places;
  const most = Math.floor(lines.length / 100) + 1;
  return new Map([...places].filter(([, at]) => at.length <= most));
}

/** Among blocks of equal length, the first in `a`, then the first in `b`. */
function longestBlock(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): Block {
  let [i, j, size] = [aLow, bLow, 0];
  let lengths = new Map<number, number>();
  for (let index = aLow; index < aHigh; index++) {
    const next = new Map<number, number>();
    for (const at of places.get(a[index]!) ?? []) {
      if (at < bLow) continue;
      if (at >= bHigh) break;
      const length = (lengths.get(at - 1) ?? 0) + 1;
      next.set(at, length);
      if (length > size) [i, j, size] = [index - length + 1, at - length + 1, length];
    }
    lengths = next;
  }
  // Lines that do not begin a block may extend one.
  while (i > aLow && j > bLow && a[i - 1] === b[j - 1]) [i, j, size] = [i - 1, j - 1, size + 1];
  while (i + size < aHigh && j + size < bHigh && a[i + size] === b[j + size]) size++;
  return [i, j, size];
}

function changesOf(blocks: readonly Block[]): Change[] {
  let [i, j] = [0, 0];
  return blocks.flatMap(([a, b, size]) => {
    const changed = i < a || j < b ? [{ same: false, i1: i, i2: a, j1: j, j2: b }] : [];
    [i, j] = [a + size, b + size];
    return size === 0 ? changed : [...changed, { same: true, i1: a, i2: i, j1: b, j2: j }];
  });
}

/** Groups nearby changes, with the lines of context around them. */
function groupsOf(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = [[]];
  for (const [index, change] of changes.entries()) {
    const { same, i2, j2 } = change;
    if (!same) {
      groups.at(-1)!.push(change);
      continue;
    }
    const [isFirst, isLast] = [index === 0, index === changes.length - 1];
    const head = { ...change, i2: Math.min(i2, change.i1 + CONTEXT), j2: Math.min(j2, change.j1 + CONTEXT) };
    const tail = { ...change, i1: Math.max(change.i1, i2 - CONTEXT), j1: Math.max(change.j1, j2 - CONTEXT) };
    if (isFirst && isLast) return [];
    if (isFirst) groups.at(-1)!.push(tail);
    else if (isLast) groups.at(-1)!.push(head);
    else if (i2 - change.i1 > 2 * CONTEXT) {
      groups.at(-1)!.push(head);
      groups.push([tail]);
    } else groups.at(-1)!.push(change);
  }
  return groups.filter((group) => group.some(({ same }) => !same));
}
