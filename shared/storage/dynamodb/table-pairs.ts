/** `PairIndex` over items beside the resources: one item per pair, without a log. */

import { createHash } from 'node:crypto';
import type { Clock } from '../../util/clock.ts';
import { once } from '../../util/once.ts';
import type { PairIndex } from '../storage.ts';
import type { DynamoDBTable, Item } from './dynamodb-table.ts';
import { LAST_KEY, PAIRS } from './layout.ts';
import type { Protocol } from './protocol.ts';
import { queryItems } from './query-items.ts';
import { retry } from './retry.ts';

export interface TablePairsOptions {
  /** Name of the index; no spaces. */
  readonly name: string;
  readonly table: DynamoDBTable;
  readonly clock: Clock;
  readonly protocol: Protocol;
}

/** 128 bits. */
const DIGEST_LENGTH = 22;
/** Number of pairs remembered as existing, so that adding them again costs nothing. */
const REMEMBERED = 20_000;

export class TablePairs implements PairIndex {
  readonly #options: TablePairsOptions;
  /** Existing pairs by sort key: all if this process is the only writer, otherwise recent ones. */
  readonly #known = new Set<string>();
  /** For the only writer, one full read stays valid. */
  readonly #mirror = once(() => this.#readAll());

  constructor(options: TablePairsOptions) {
    this.#options = options;
  }

  async add(key: string, value: string): Promise<void> {
    const mirror = await this.#mirrored();
    const sk = this.#sortKey(key, value);
    if (mirror?.get(key)?.has(value) || this.#known.has(sk)) return;
    const { table } = this.#options;
    // Reading costs a tenth of writing.
    if (
      mirror !== undefined ||
      (await this.#call(() => table.get({ pk: PAIRS, sk }, { consistent: false }))) === undefined
    )
      await this.#call(() => table.write({ put: { pk: PAIRS, sk, k: key } }));
    if (mirror === undefined) this.#remember(sk);
    else addTo(mirror, key, value);
  }

  async remove(key: string, value: string): Promise<void> {
    const mirror = await this.#mirrored();
    const sk = this.#sortKey(key, value);
    if (mirror !== undefined && !mirror.get(key)?.has(value)) return;
    this.#known.delete(sk);
    await this.#call(() => this.#options.table.write({ delete: { pk: PAIRS, sk } }));
    const values = mirror?.get(key);
    values?.delete(value);
    if (values?.size === 0) mirror!.delete(key);
  }

  async valuesOf(key: string): Promise<readonly string[]> {
    const mirror = await this.#mirrored();
    if (mirror !== undefined) return [...(mirror.get(key) ?? [])];
    const values: string[] = [];
    for await (const { sk } of this.#items(this.#sortKey(key, ''))) values.push(secondOf(sk));
    return values;
  }

  async all(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    return (await this.#mirrored()) ?? (await this.#readAll());
  }

  async #mirrored(): Promise<Map<string, Set<string>> | undefined> {
    if (!this.#options.protocol.alone) return undefined;
    return this.#mirror();
  }

  async #readAll(): Promise<Map<string, Set<string>>> {
    const all = new Map<string, Set<string>>();
    for await (const { sk, k } of this.#items(`${this.#options.name} `))
      addTo(all, k as string, secondOf(sk));
    return all;
  }

  #items(prefix: string): AsyncIterable<Item> {
    const range = { pk: PAIRS, from: prefix, to: prefix + LAST_KEY, consistent: true };
    return queryItems(this.#options.table, range, this.#options);
  }

  #call<R>(call: () => Promise<R>): Promise<R> {
    return retry(this.#options, call);
  }

  #remember(sk: string): void {
    this.#known.add(sk);
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.values().next().value!);
  }

  /** `NAME KEY VALUE`, with a digest of the key: two object names may exceed the length of a sort key. */
  #sortKey(key: string, value: string): string {
    const digest = createHash('sha256').update(key).digest('base64url').slice(0, DIGEST_LENGTH);
    return `${this.#options.name} ${digest} ${value}`;
  }
}

function secondOf(sk: string): string {
  const afterName = sk.indexOf(' ') + 1;
  return sk.slice(sk.indexOf(' ', afterName) + 1);
}

function addTo(all: Map<string, Set<string>>, key: string, value: string): void {
  const values = all.get(key);
  if (values === undefined) all.set(key, new Set([value]));
  else values.add(value);
}
