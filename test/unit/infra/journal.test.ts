import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../../infra/local/dynamodb/journal.ts';
import {
  batchOf,
  journaledItems,
  recordOf,
  writesOf,
} from '../../../infra/local/dynamodb/journaled-writes.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  path = join(folder, 'journal');
});
afterEach(() => rmSync(folder, { recursive: true }));

const textsOf = ({ records }: Journal) => records.map((record) => record.toString());

test('records are read back in the order of their appends, by the owner only', async () => {
  const journal = new Journal(path);
  const texts = Array.from({ length: 50 }, (_, n) => `record ${n}`);
  await Promise.all(texts.map((text) => journal.append(Buffer.from(text))));
  await journal.append(Buffer.from('last'));
  const reopened = new Journal(path);
  expect(textsOf(reopened)).toEqual([...texts, 'last']);
  expect([reopened.size, reopened.droppedBytes]).toEqual([journal.size, 0]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  journal.close();
  reopened.close();
});

test('wherever the file ends, the complete records before that are kept', async () => {
  const journal = new Journal(path);
  const sizes = [0];
  for (const text of ['a', '', 'ccc']) {
    await journal.append(Buffer.from(text));
    sizes.push(journal.size);
  }
  journal.close();
  const bytes = readFileSync(path);
  for (let end = 0; end <= bytes.length; end++) {
    writeFileSync(path, bytes.subarray(0, end));
    const complete = sizes.filter((size) => size <= end).length - 1;
    const cut = new Journal(path);
    expect(textsOf(cut)).toEqual(['a', '', 'ccc'].slice(0, complete));
    expect(cut.droppedBytes).toBe(end - sizes[complete]!);
    expect(statSync(path).size).toBe(sizes[complete]);
    cut.close();
  }
});

/** The bytes of a new journal whose records were appended one after another. */
async function bytesOf(texts: readonly string[]): Promise<Buffer> {
  rmSync(path, { force: true });
  const journal = new Journal(path);
  for (const text of texts) await journal.append(Buffer.from(text));
  journal.close();
  return readFileSync(path);
}

test('a flipped bit of any byte is damage, found where its record begins, and the file is left as it is', async () => {
  const sizes = [0, (await bytesOf(['good'])).length, (await bytesOf(['good', 'harmed'])).length];
  const bytes = await bytesOf(['good', 'harmed', 'last']);
  for (let at = 0; at < bytes.length; at++) {
    const harmed = Buffer.from(bytes);
    harmed[at]! ^= 1 << (at % 8);
    writeFileSync(path, harmed);
    const begin = sizes.filter((size) => size <= at).length - 1;
    const journal = new Journal(path);
    expect([textsOf(journal), journal.damagedAt, journal.droppedBytes]).toEqual([
      ['good', 'harmed', 'last'].slice(0, begin),
      sizes[begin],
      0,
    ]);
    journal.close();
    expect(readFileSync(path)).toEqual(harmed);
  }
});

const SECTOR = 512;
test.each<[string, (bytes: Buffer, last: number) => Buffer, 'interrupted' | 'damaged']>([
  [
    'the last write lacks a sector',
    (bytes, last) => bytes.fill(0, sectorAfter(last), sectorAfter(last) + SECTOR),
    'interrupted',
  ],
  [
    'the last write lacks all but its first sector',
    (bytes, last) => bytes.fill(0, sectorAfter(last)),
    'interrupted',
  ],
  ['the last write is nothing but zeros', (bytes, last) => bytes.fill(0, last), 'interrupted'],
  ['the last write lacks its end', (bytes) => bytes.subarray(0, -1), 'interrupted'],
  ['a sector of an earlier write is zeros', (bytes) => bytes.fill(0, SECTOR, 2 * SECTOR), 'damaged'],
  ['the first half is gone', (bytes, last) => bytes.subarray(last >> 1), 'damaged'],
  ['another file has its name', () => Buffer.from('SQLite format 3'.repeat(100)), 'damaged'],
])('%s', async (_, harm, expected) => {
  const first = 'a'.repeat(2_000);
  const last = (await bytesOf([first])).length;
  const bytes = harm(await bytesOf([first, 'b'.repeat(2_000)]), last);
  writeFileSync(path, bytes);
  const journal = new Journal(path);
  const isDamaged = expected === 'damaged';
  expect([textsOf(journal), journal.damagedAt, journal.droppedBytes]).toEqual(
    isDamaged ? [[], 0, 0] : [[first], undefined, bytes.length - last],
  );
  journal.close();
  expect(statSync(path).size).toBe(isDamaged ? bytes.length : last);
});

const sectorAfter = (at: number) => Math.ceil(at / SECTOR) * SECTOR;

test.each<[string, () => void]>([
  ['removed', () => rmSync(path)],
  ['moved away', () => renameSync(path, `${path}.old`)],
  ['replaced', () => writeFileSync(`${path}.new`, 'other') ?? renameSync(`${path}.new`, path)],
])(
  'a journal that is %s while it is in use is written again before the next append resolves',
  async (_, harm) => {
    let restored = 0;
    const journal = new Journal(path, { onRestored: () => restored++ });
    await journal.append(Buffer.from('before'));
    harm();
    await journal.append(Buffer.from('after'));
    const reopened = new Journal(path);
    expect([textsOf(reopened), restored, statSync(path).mode & 0o777]).toEqual([
      ['before', 'after'],
      1,
      0o600,
    ]);
    reopened.close();
    await journal.clear();
    journal.close();
    expect(existsSync(path)).toBe(false);
  },
);

test('without its folder, a journal takes no records, and can be closed', async () => {
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const journal = new Journal(join(inner, 'journal'));
  rmSync(inner, { recursive: true });
  await expect(journal.append(Buffer.from('a'))).rejects.toThrow(/ENOENT/);
  journal.close();
});

test('a cleared journal is empty, and deleted when it is closed', async () => {
  const journal = new Journal(path);
  await journal.append(Buffer.from('a'));
  await journal.clear();
  expect([journal.size, statSync(path).size]).toEqual([0, 0]);
  await journal.append(Buffer.from('b'));
  const reopened = new Journal(path);
  expect(textsOf(reopened)).toEqual(['b']);
  await reopened.clear();
  reopened.close();
  expect(existsSync(path)).toBe(false);
  journal.close();
});

type TransactItem = Readonly<Record<string, object>>;

const put = (sk: string, n: number): TransactItem => ({
  Put: { TableName: 't', Item: { pk: { S: 'a' }, sk: { S: sk }, n: { N: `${n}` } } },
});
const remove = (sk: string): TransactItem => ({
  Delete: { TableName: 't', Key: { pk: { S: 'a' }, sk: { S: sk } } },
});
const update = (sk: string, name: string, n: number): TransactItem => ({
  Update: {
    TableName: 't',
    Key: { pk: { S: 'a' }, sk: { S: sk } },
    UpdateExpression: `SET ${name} = :n`,
    ExpressionAttributeNames: {},
    ExpressionAttributeValues: { ':n': { N: `${n}` } },
  },
});
const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => put(`${from + n}`, from + n));

test.each<[string, TransactItem[][], TransactItem[], number]>([
  [
    'different items',
    [[put('1', 1)], [put('2', 2), remove('3')]],
    [put('1', 1), put('2', 2), remove('3')],
    2,
  ],
  ['an item written twice', [[put('1', 1)], [put('1', 2)], [remove('1')]], [remove('1')], 3],
  ['the same update twice', [[update('1', 'x', 1)], [update('1', 'x', 2)]], [update('1', 'x', 2)], 2],
  ['different updates of an item', [[update('1', 'x', 1)], [update('1', 'y', 2)]], [update('1', 'x', 1)], 1],
  ['an update of a written item', [[put('1', 1)], [update('1', 'x', 2)]], [put('1', 1)], 1],
  ['an updated item that is deleted', [[update('1', 'x', 1)], [remove('1')]], [remove('1')], 2],
  ['a full call', [many(60), many(40, 60), many(1, 100)], many(100), 2],
  ['a transaction that is too large with the others', [many(60), many(41, 60)], many(60), 1],
])('transactions are applied together: %s', (_, transactions, items, count) => {
  const writes = transactions.map((TransactItems) => ({
    items: journaledItems({ TransactItems }),
    bytes: TransactItems.length,
  }));
  const batch = batchOf(writes);
  expect({ ...batch, items: batch.items.map((item) => JSON.parse(item)) }).toEqual({ items, count });
});

test('transactions whose bytes exceed a call are applied apart', () => {
  const writes = [1, 2, 3].map((n) => ({
    items: journaledItems({ TransactItems: [put(`${n}`, n)] }),
    bytes: 1_500_000,
  }));
  expect(batchOf(writes).count).toBe(2);
  expect(batchOf([{ ...writes[0]!, bytes: 4_000_000 }]).count).toBe(1);
});

test('a record has all writes without their conditions, and becomes them again', () => {
  const condition = {
    ConditionExpression: 'rv = :rv',
    ExpressionAttributeValues: { ':rv': { N: '1' } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  const TransactItems = [
    { Put: { ...put('1', 1)['Put'], ...condition } },
    { Delete: { ...remove('2')['Delete'], ...condition } },
    { Update: { ...update('3', 'x', 1)['Update'], ConditionExpression: 'attribute_not_exists(pk)' } },
  ];
  const items = journaledItems({ TransactItems });
  const record = recordOf(items);
  expect(JSON.parse(record.toString())).toEqual([put('1', 1), remove('2'), update('3', 'x', 1)]);
  expect(writesOf(record)).toEqual({ items, bytes: record.length });
});
