import type { KubeObject } from '../../meta/kube-object.ts';
import type { RESTObject } from '../../rest/rest-storage.ts';
import type { FormKey } from '../../storage/object-forms.ts';
import { appendAll } from '../../util/append-all.ts';
import { breathe } from '../../util/breathe.ts';
import { isFullBatch, objectsOf } from './item-batches.ts';

/** An encoding of objects for answers, cached with the stored versions that it derives from. */
export class ItemForm<V> implements FormKey<V> {
  readonly sizeOf: (value: V) => number;
  readonly #make: (objects: readonly KubeObject[]) => Promise<readonly V[]>;

  /** `make` takes ownership of the objects passed to it. */
  constructor(make: (objects: readonly KubeObject[]) => Promise<readonly V[]>, sizeOf: (value: V) => number) {
    this.#make = make;
    this.sizeOf = sizeOf;
  }

  async one(item: RESTObject): Promise<V> {
    const kept = item.forms?.get(this);
    return kept === undefined ? (await this.#makeAll([item]))[0]! : kept;
  }

  async all(items: readonly RESTObject[]): Promise<readonly V[]> {
    const values: V[] = [];
    let missing: RESTObject[] = [];
    // Flushing the missing items first keeps the order.
    const fill = async () => {
      if (missing.length === 0) return;
      appendAll(values, await this.#makeAll(missing));
      missing = [];
      await breathe();
    };
    for (const item of items) {
      const kept = item.forms?.get(this);
      if (kept === undefined) missing.push(item);
      else {
        if (missing.length > 0) await fill();
        values.push(kept);
      }
      if (isFullBatch(missing)) await fill();
    }
    await fill();
    return values;
  }

  async #makeAll(items: readonly RESTObject[]): Promise<readonly V[]> {
    const made = await this.#make(await objectsOf(items));
    for (const [index, item] of items.entries()) item.forms?.set(this, made[index]!);
    return made;
  }
}
