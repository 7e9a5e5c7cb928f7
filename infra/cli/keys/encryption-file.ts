/** Edits the keys in a file of `--encryption-provider-config` in place; everything else is kept. */

import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { parseEncryptionConfiguration } from '../../../shared/storage/encryption/configuration.ts';

/** Providers whose keys are in the file. */
const KEYED = ['aesgcm', 'aescbc', 'secretbox'];
const KEY_BYTES = 32;

type Keys = YAMLSeq<YAMLMap>;

/** Throws Error for a file that is no configuration. */
export class EncryptionFile {
  readonly #path: string;
  readonly #document: Document;

  static async open(path: string): Promise<EncryptionFile> {
    const text = readFileSync(path, 'utf8');
    await parseEncryptionConfiguration(text);
    return new EncryptionFile(path, parseDocument(text));
  }

  private constructor(path: string, document: Document) {
    this.#path = path;
    this.#document = document;
  }

  /** Adds a new key at the end, which only decrypts. Returns its name. */
  add(): string {
    const name = nextName(this.#names());
    for (const keys of this.#writing()) {
      keys.add(
        this.#document.createNode({ name, secret: randomBytes(KEY_BYTES).toString('base64') }) as YAMLMap,
      );
    }
    return name;
  }

  /** Makes the key added last the one that encrypts. Returns its name. */
  use(): string {
    let used = '';
    for (const { items } of this.#writing()) {
      items.unshift(items.pop()!);
      used = nameOf(items[0]!);
    }
    return used;
  }

  /** Throws Error if there is no such key, or if it encrypts. */
  delete(name: string): void {
    const names = this.#names();
    if (!names.includes(name)) throw new Error(`there is no key ${name}; there are ${names.join(', ')}`);
    if (this.#writing().some(({ items }) => nameOf(items[0]!) === name)) {
      throw new Error(`key ${name} encrypts: it can't be deleted`);
    }
    for (const providers of this.#providers()) {
      providers.items = providers.items.filter((provider) => {
        const keys = keysOf(provider);
        if (keys === undefined) return true;
        keys.items = keys.items.filter((key) => nameOf(key) !== name);
        return keys.items.length > 0;
      });
    }
  }

  /** Writes atomically, and only for its owner to read. */
  async save(): Promise<void> {
    const text = this.#document.toString({ lineWidth: 0 });
    await parseEncryptionConfiguration(text);
    const next = `${this.#path}.new`;
    writeFileSync(next, text, { mode: statSync(this.#path).mode & 0o777 });
    renameSync(next, this.#path);
  }

  #providers(): YAMLSeq[] {
    const resources = this.#document.get('resources') as YAMLSeq<YAMLMap>;
    return resources.items.map((entry) => entry.get('providers') as YAMLSeq);
  }

  /** Keys of the providers that encrypt. */
  #writing(): Keys[] {
    const found = this.#providers().flatMap(({ items: [first] }) => keysOf(first) ?? []);
    if (found.length > 0) return found;
    throw new Error(`${this.#path} has no key that encrypts: AWS KMS rotates those that it keeps`);
  }

  #names(): string[] {
    const keys = this.#providers().flatMap(({ items }) => items.flatMap((one) => keysOf(one)?.items ?? []));
    return [...new Set(keys.map(nameOf))];
  }
}

const nameOf = (key: YAMLMap): string => String(key.get('name'));

function keysOf(provider: unknown): Keys | undefined {
  if (!isMap(provider)) return undefined;
  for (const type of KEYED) {
    const keyed = provider.get(type);
    const keys = isMap(keyed) ? keyed.get('keys') : undefined;
    if (isSeq(keys)) return keys as Keys;
  }
  return undefined;
}

/** `key2` after `key1`, and after `key`. */
function nextName(names: readonly string[]): string {
  const [stem] = /^.*?(?=\d*$)/.exec(names[0]!)!;
  const numbers = names.map((name) => (name.startsWith(stem) ? Number(name.slice(stem.length)) : Number.NaN));
  return `${stem}${Math.max(1, ...numbers.filter(Number.isSafeInteger)) + 1}`;
}
