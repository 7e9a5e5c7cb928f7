import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { PairIndex } from '../../../shared/storage/storage.ts';
import { newTestTable } from '../../fixtures/storage.ts';

describe.each([
  ['from one process of several', false],
  ['from a single process', true],
])('pairs %s', (_, alone) => {
  const calls: string[] = [];
  let open: () => SDKStorageFactory;
  let pairs: PairIndex;
  beforeAll(async () => {
    const table = await newTestTable();
    const factories: SDKStorageFactory[] = [];
    open = () => {
      const onCapacity = (operation: string) => calls.push(operation);
      factories.push(new SDKStorageFactory({ ...table, protocol: { alone }, onCapacity }));
      return factories.at(-1)!;
    };
    pairs = open().pairs('owners');
    return () => Promise.all(factories.map((factory) => factory.close()));
  });
  afterAll(() => {
    calls.length = 0;
  });

  const LONG = 'x'.repeat(700);
  test('are found by their key only', async () => {
    for (const [key, value] of [
      ['a', '1'],
      ['a', '2'],
      ['a', '2'],
      ['a b', '3 4'],
      ['é/ /', 'ü'],
      [LONG, LONG],
    ] as const)
      await pairs.add(key, value);
    await open().pairs('others').add('a', '9');
    const found = async (by: PairIndex, key: string) => [...(await by.valuesOf(key))].sort();
    for (const by of [pairs, open().pairs('owners')]) {
      expect([await found(by, 'a'), await found(by, 'a b'), await found(by, 'b')]).toEqual([
        ['1', '2'],
        ['3 4'],
        [],
      ]);
      expect(await by.all()).toEqual(
        new Map([
          ['a', new Set(['1', '2'])],
          ['a b', new Set(['3 4'])],
          ['é/ /', new Set(['ü'])],
          [LONG, new Set([LONG])],
        ]),
      );
    }
  });

  test('are gone after removal', async () => {
    await pairs.add('c', '1');
    await pairs.remove('c', '1');
    await pairs.remove('c', '2');
    expect(await pairs.valuesOf('c')).toEqual([]);
    await pairs.add('c', '1');
    expect(await open().pairs('owners').valuesOf('c')).toEqual(['1']);
  });

  test('are written once', async () => {
    await pairs.add('d', '1');
    calls.length = 0;
    await pairs.add('d', '1');
    expect(calls).toEqual([]);
    await open().pairs('owners').add('d', '1');
    expect(calls).toEqual([alone ? 'query' : 'get']);
  });
});
