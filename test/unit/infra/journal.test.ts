import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../../infra/local/dynamodb/journal.ts';
import { batchOf, effectsOf, type TransactItem } from '../../../infra/local/dynamodb/journaled-writes.ts';

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

test('a record with wrong bytes ends the journal, and later appends follow the last good one', async () => {
  const journal = new Journal(path);
  for (const text of ['good', 'harmed', 'after']) await journal.append(Buffer.from(text));
  journal.close();
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('harmed')]! ^= 1;
  writeFileSync(path, bytes);
  const harmed = new Journal(path);
  expect(textsOf(harmed)).toEqual(['good']);
  await harmed.append(Buffer.from('new'));
  harmed.close();
  const reopened = new Journal(path);
  expect(textsOf(reopened)).toEqual(['good', 'new']);
  reopened.close();
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
  const writes = transactions.map((each) => ({ items: each, bytes: each.length }));
  expect(batchOf(writes)).toEqual({ items, count });
});

test('transactions whose bytes exceed a call are applied apart', () => {
  const writes = [1, 2, 3].map((n) => ({ items: [put(`${n}`, n)], bytes: 1_500_000 }));
  expect(batchOf(writes).count).toBe(2);
  expect(batchOf([{ items: [put('1', 1)], bytes: 4_000_000 }]).count).toBe(1);
});

test('conditions are left out', () => {
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
  expect(effectsOf({ TransactItems })).toEqual([put('1', 1), remove('2'), update('3', 'x', 1)]);
});
