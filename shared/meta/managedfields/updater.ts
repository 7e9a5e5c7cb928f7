/**
 * Tracks ownership across writes, and computes the result of an apply
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/merge/update.go).
 */

import type { TypeSchema } from '../../runtime/type-schema.ts';
import { breathe, inPieces } from '../../util/breathe.ts';
import { compare } from './compare.ts';
import { type Conflict, ConflictsError } from './conflicts.ts';
import { FieldSet } from './field-set.ts';
import type { Managers, VersionedSet } from './managers.ts';
import { merge } from './merge.ts';
import { reconcileWithSchema } from './reconcile-with-schema.ts';
import { removeItems } from './remove-items.ts';
import { toFieldSet } from './to-field-set.ts';
import { validateTyped } from './validate.ts';

/** An object in one of its versions. */
export interface VersionedObject {
  readonly value: unknown;
  readonly apiVersion: string;
}

/** Converts objects between versions. */
export interface VersionConverter {
  /**
   * Undefined for a version that no longer exists, whose managed fields are dropped. Throws a `VersionConversionError`
   * if that is an error.
   */
  schemaFor(apiVersion: string): TypeSchema | undefined;
  /** Doesn't modify its argument. Only called for versions with a schema. Rejects if a conversion webhook fails. */
  convert(object: VersionedObject, apiVersion: string): Promise<unknown>;
}

/** The fields that a write changes, in one version. */
interface Difference {
  /** Added or modified. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

const PRUNE = 'failed to prune fields';

/**
 * An object couldn't be converted to a manager's version, or doesn't match the schema of that version. The message
 * gives the purpose, in upstream's words.
 */
export class VersionConversionError extends Error {
  override readonly name = 'VersionConversionError';

  constructor(failure: string | undefined, cause: unknown) {
    const { message } = cause as Error;
    super(failure === undefined ? message : `${failure}: ${message}`, { cause });
  }
}

/** Fields, by version, that can't be owned by writing through this resource, including everything below. */
export type ResetFields = ReadonlyMap<string, FieldSet>;

export class Updater {
  readonly #converter: VersionConverter;
  readonly #resetFields: ResetFields;

  constructor(converter: VersionConverter, resetFields: ResetFields) {
    this.#converter = converter;
    this.#resetFields = resetFields;
  }

  /** The managers after `manager` replaced `live` with `next`; both are in `apiVersion`. */
  async update(
    live: VersionedObject,
    next: VersionedObject,
    managers: Managers,
    manager: string,
  ): Promise<Managers> {
    const { apiVersion } = next;
    const current = await this.#reconcile(live, managers);
    await breathe();
    const difference = await this.#transfer(live, next, current, { manager, force: true });
    const before = current.get(manager)?.set ?? FieldSet.EMPTY;
    await breathe();
    const kept = before.difference(difference.removed);
    await breathe();
    const owned = kept.union(difference.changed);
    await breathe();
    const set = this.#withoutReset(owned, apiVersion);
    if (set.isEmpty) current.delete(manager);
    else current.set(manager, { set, apiVersion, applied: false });
    return current;
  }

  /**
   * The object and managers after `manager` applied `configuration` to `live`. Throws `ConflictsError` if that changes
   * fields of others, unless forced, and `TypedValueError` if the two can't be merged.
   */
  async apply(
    live: VersionedObject,
    configuration: VersionedObject,
    managers: Managers,
    { manager, force }: { readonly manager: string; readonly force: boolean },
  ): Promise<{ readonly value: unknown; readonly managers: Managers }> {
    const { apiVersion } = configuration;
    const schema = this.#schema(apiVersion);
    const current = await this.#reconcile(live, managers);
    await breathe();
    const merged = merge(live.value, configuration.value, schema);
    await breathe();
    const last = current.get(manager);
    const set = this.#withoutReset(toFieldSet(configuration.value, schema), apiVersion);
    current.set(manager, { set, apiVersion, applied: true });
    await breathe();
    // If the configuration still contains everything last applied, there is nothing to prune. Otherwise conversions are
    // required, and must fail if they can't be done.
    const isKept =
      last?.apiVersion === apiVersion &&
      last.set.difference(set).isEmpty &&
      [...current.values()].every((one) => one.apiVersion === apiVersion);
    const value = isKept ? merged : await this.#prune({ value: merged, apiVersion }, current, last);
    await this.#transfer(live, { value, apiVersion }, current, { manager, force });
    return { value, managers: current };
  }

  #schema(apiVersion: string): TypeSchema {
    const schema = this.#converter.schemaFor(apiVersion);
    if (schema === undefined) throw new Error(`no schema for version ${apiVersion}`);
    return schema;
  }

  /** `failure` is the purpose for errors; undefined if upstream only reports the cause. */
  async #convert(object: VersionedObject, apiVersion: string, failure: string | undefined): Promise<unknown> {
    if (object.apiVersion === apiVersion) return object.value;
    try {
      const converted = await this.#converter.convert(object, apiVersion);
      await breathe();
      validateTyped(converted, this.#schema(apiVersion));
      return converted;
    } catch (error) {
      throw new VersionConversionError(failure, error);
    }
  }

  #withoutReset(set: FieldSet, apiVersion: string): FieldSet {
    const reset = this.#resetFields.get(apiVersion);
    return reset === undefined ? set : set.recursiveDifference(reset);
  }

  /**
   * A copy of the managers, adapted to schemas that have changed since they were written. Throws if the object can't be
   * converted to one of their versions.
   */
  async #reconcile(live: VersionedObject, managers: Managers): Promise<Managers> {
    const current: Managers = new Map();
    const seen = new Set<string>();
    for (const [manager, versioned] of managers) {
      const schema = this.#converter.schemaFor(versioned.apiVersion);
      if (schema === undefined) continue;
      if (!seen.has(versioned.apiVersion)) await this.#convert(live, versioned.apiVersion, undefined);
      seen.add(versioned.apiVersion);
      current.set(manager, { ...versioned, set: reconcileWithSchema(versioned.set, schema) });
    }
    return current;
  }

  /**
   * Removes fields that `manager` changed or removed from other managers; modifies `managers`. Returns the difference
   * in the objects' own version. Throws `ConflictsError` unless forced.
   */
  async #transfer(
    live: VersionedObject,
    next: VersionedObject,
    managers: Managers,
    { manager, force }: { readonly manager: string; readonly force: boolean },
  ): Promise<Difference> {
    const byVersion = new Map<string, Difference>();
    const differenceIn = async (apiVersion: string): Promise<Difference> => {
      let difference = byVersion.get(apiVersion);
      if (difference === undefined) {
        const schema = this.#schema(apiVersion);
        const before = await this.#convert(live, apiVersion, 'failed to convert old object');
        const after = await this.#convert(next, apiVersion, 'failed to convert new object');
        await breathe();
        const { added, modified, removed } = await inPieces(compare(before, after, schema));
        await breathe();
        const changed = modified.union(added);
        await breathe();
        difference = {
          changed: this.#withoutReset(changed, apiVersion),
          removed: this.#withoutReset(removed, apiVersion),
        };
        byVersion.set(apiVersion, difference);
      }
      return difference;
    };
    const conflicts: Conflict[] = [];
    const remaining: [string, VersionedSet][] = [];
    for (const [other, versioned] of managers) {
      if (other === manager) continue;
      const { changed, removed } = await differenceIn(versioned.apiVersion);
      await breathe();
      const taken = versioned.set.intersection(changed);
      if (!force) for (const path of taken.paths()) conflicts.push({ manager: other, path });
      await breathe();
      const left = versioned.set.difference(taken);
      await breathe();
      remaining.push([other, { ...versioned, set: left.difference(removed) }]);
    }
    if (conflicts.length > 0) throw new ConflictsError(conflicts);
    for (const [other, versioned] of remaining) {
      if (versioned.set.isEmpty) managers.delete(other);
      else managers.set(other, versioned);
    }
    if (managers.get(manager)?.set.isEmpty) managers.delete(manager);
    return differenceIn(next.apiVersion);
  }

  /** Removes fields that the manager last applied but no longer does, unless another manager owns them. */
  async #prune(
    merged: VersionedObject,
    managers: Managers,
    last: VersionedSet | undefined,
  ): Promise<unknown> {
    if (last === undefined || last.set.isEmpty || this.#converter.schemaFor(last.apiVersion) === undefined) {
      return merged.value;
    }
    const version = last.apiVersion;
    const schema = this.#schema(version);
    const original = {
      value: await this.#convert(
        merged,
        version,
        `${PRUNE}: failed to convert merged object to last applied version`,
      ),
      apiVersion: version,
    };
    await breathe();
    const without = removeItems(original.value, last.set.withNamedFieldsAsMembers(schema), schema);
    const owned = await this.#addBackOwned(original, { value: without, apiVersion: version }, managers);
    const kept = await this.#addBackUnowned(original, owned, last);
    return this.#convert({ value: kept, apiVersion: version }, merged.apiVersion, PRUNE);
  }

  /**
   * Restores fields that any manager owns. Processes the last applied version first, because conversions to others may
   * need its fields.
   */
  async #addBackOwned(
    merged: VersionedObject,
    pruned: VersionedObject,
    managers: Managers,
  ): Promise<VersionedObject> {
    const ownedIn = new Map<string, FieldSet>([[merged.apiVersion, FieldSet.EMPTY]]);
    for (const { set, apiVersion } of managers.values()) {
      ownedIn.set(apiVersion, ownedIn.get(apiVersion)?.union(set) ?? set);
    }
    const failure = `${PRUNE}: failed add back owned items: failed to convert`;
    let [whole, rest] = [merged, pruned];
    for (const [apiVersion, owned] of ownedIn) {
      const schema = this.#schema(apiVersion);
      whole = {
        value: await this.#convert(whole, apiVersion, `${failure} merged object at version ${apiVersion}`),
        apiVersion,
      };
      rest = {
        value: await this.#convert(rest, apiVersion, `${failure} pruned object at version ${apiVersion}`),
        apiVersion,
      };
      const named = (set: FieldSet): FieldSet => set.withNamedFieldsAsMembers(schema);
      await breathe();
      const all = named(toFieldSet(whole.value, schema));
      await breathe();
      const kept = named(toFieldSet(rest.value, schema)).union(named(owned));
      await breathe();
      rest = { value: removeItems(whole.value, all.difference(kept), schema), apiVersion };
    }
    return rest;
  }

  /** Restores fields that the manager itself never applied: unowned ones, and those of updaters. */
  async #addBackUnowned(
    merged: VersionedObject,
    pruned: VersionedObject,
    last: VersionedSet,
  ): Promise<unknown> {
    const schema = this.#schema(last.apiVersion);
    const named = (set: FieldSet): FieldSet => set.withNamedFieldsAsMembers(schema);
    const value = await this.#convert(
      pruned,
      last.apiVersion,
      `${PRUNE}: failed add back dangling items: failed to convert pruned object to last applied version`,
    );
    await breathe();
    const kept = named(toFieldSet(value, schema));
    await breathe();
    const all = named(toFieldSet(merged.value, schema));
    await breathe();
    return removeItems(merged.value, all.difference(kept).intersection(named(last.set)), schema);
  }
}
