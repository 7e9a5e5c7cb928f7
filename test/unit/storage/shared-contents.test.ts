import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { SharedContents } from '../../../shared/storage/shared-contents.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const LONG = { text: 'x'.repeat(20_000), status: { is: 'a field of the specification' } };
const status = { conditions: [{ type: 'Established', status: 'True' }], accepted: {} };

const encode = (value: object): Buffer => Buffer.from(JSON.stringify(value));

/** Collects what is only weakly referenced: references are kept until the end of a job. */
async function afterCollection(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await setImmediate();
    collectGarbage();
  }
  await setImmediate();
}

test.each<{ what: string; object: object; isShared: boolean }>([
  { what: 'a specification and a status', object: { metadata: {}, spec: LONG, status }, isShared: true },
  { what: 'a specification at the end', object: { metadata: {}, spec: LONG }, isShared: true },
  { what: 'a status before the specification', object: { metadata: {}, status, spec: LONG }, isShared: true },
  { what: 'a short specification', object: { metadata: { a: LONG }, spec: {}, status }, isShared: false },
  { what: 'no specification', object: { metadata: {}, data: LONG }, isShared: false },
  { what: 'few bytes', object: { metadata: {}, spec: { a: 1 } }, isShared: false },
])('bytes with $what are returned unchanged, shared: $isShared', async ({ object, isShared }) => {
  const shared = new SharedContents().share(encode(object));
  await afterCollection();
  expect(shared?.whole().toString()).toBe(isShared ? JSON.stringify(object) : undefined);
  expect(shared?.length).toBe(isShared ? encode(object).length : undefined);
});

test('equal specifications are kept once, for as long as an object has them', async () => {
  const contents = new SharedContents();
  const other = { ...LONG, text: `y${LONG.text.slice(1)}` };
  const all = [LONG, LONG, other].map((spec, at) =>
    contents.share(encode({ metadata: { uid: `uid-${at}` }, spec, status: { ...status, at } })),
  );
  expect(contents.size).toBe(2);
  all.pop();
  await afterCollection();
  expect(contents.size).toBe(1);
  expect(all.map((one) => JSON.parse(one!.whole().toString()))).toEqual(
    [0, 1].map((at) => ({ metadata: { uid: `uid-${at}` }, spec: LONG, status: { ...status, at } })),
  );
});
