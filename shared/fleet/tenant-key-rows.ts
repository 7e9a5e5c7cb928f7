/** A tenant's keys and files, stored as rows of the tenant and encrypted with a key of the fleet's. */

import { type DynamoDBTable, isTableError } from '../storage/dynamodb/dynamodb-table.ts';
import { itemsOf, KEYS } from '../storage/dynamodb/tenant-table.ts';
import type { Cipher } from '../storage/encryption/cipher.ts';

export class TenantKeyRows {
  readonly #table: DynamoDBTable;
  readonly #id: string;
  readonly #cipher: Cipher;

  /** `table`: the tenant's own. A value sealed for one id can't be opened for another. */
  constructor(table: DynamoDBTable, id: string, cipher: Cipher) {
    this.#table = table;
    this.#id = id;
    this.#cipher = cipher;
  }

  /** The values below a folder, such as `keys/service-account`, by their names in it. */
  async list(folder: string): Promise<ReadonlyMap<string, string>> {
    const values = new Map<string, string>();
    for await (const { sk, d } of itemsOf(this.#table, KEYS)) {
      if (!sk.startsWith(`${folder}/`)) continue;
      const plain = await this.#cipher.open(d as Uint8Array, this.#context(sk));
      values.set(sk.slice(folder.length + 1), Buffer.from(plain).toString());
    }
    return values;
  }

  /** The names below a folder. */
  async names(folder: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { sk } of itemsOf(this.#table, KEYS)) {
      if (sk.startsWith(`${folder}/`)) names.push(sk.slice(folder.length + 1));
    }
    return names;
  }

  /** Undefined if there is no such value. */
  async get(name: string): Promise<string | undefined> {
    const item = await this.#table.get({ pk: KEYS, sk: name }, { consistent: true });
    if (item === undefined) return undefined;
    const plain = await this.#cipher.open(item['d'] as Uint8Array, this.#context(name));
    return Buffer.from(plain).toString();
  }

  /** Encrypts and stores a value under a new name. False if the name is taken. */
  async create(name: string, value: string): Promise<boolean> {
    const d = await this.#cipher.seal(Buffer.from(value), this.#context(name));
    try {
      await this.#table.write({ put: { pk: KEYS, sk: name, d }, condition: { kind: 'absent' } });
      return true;
    } catch (error) {
      if (isTableError(error, 'ConditionFailed')) return false;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await this.#table.write({ delete: { pk: KEYS, sk: name } });
  }

  #context(name: string): Uint8Array {
    return Buffer.from(`${this.#id}/${name}`);
  }
}
