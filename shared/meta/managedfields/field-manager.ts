/**
 * Maintains `metadata.managedFields` on every write, and applies configurations
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/fieldmanager.go). Upstream's
 * eight stacked managers are the steps of two methods here.
 */

import {
  formatGroupVersion,
  formatGroupVersionKind,
  type GroupVersionKind,
} from '../../runtime/group-version.ts';
import { DecodingError } from '../../runtime/serializer/decoding-error.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import { breathe, inPieces } from '../../util/breathe.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import type { JSONObject } from '../../util/json.ts';
import { equalInPieces } from '../../util/json-equal.ts';
import type { KubeObject } from '../kube-object.ts';
import { newBadRequest, newPlainError, StatusError } from '../status-error.ts';
import { formatTime } from '../time.ts';
import type { ManagedFieldsEntry } from '../v1/types.ts';
import { capUpdateManagers } from './cap-managers.ts';
import { checkConfiguration, describeObject } from './check-configuration.ts';
import { ConflictsError, conflictSet, newConflictsStatus } from './conflicts.ts';
import { FieldSet, type FieldsV1 } from './field-set.ts';
import { followLastApplied, lastAppliedSet } from './last-applied.ts';
import {
  decodeManagedFields,
  emptyManaged,
  encodeManagedFields,
  type Managed,
  managerEntry,
  managerIdentifier,
} from './managers.ts';
import { knownFields } from './new-object-fields.ts';
import { fieldElement } from './path-element.ts';
import { TypedValueError } from './typed-value.ts';
import { Updater, VersionConversionError } from './updater.ts';
import { validateTyped } from './validate.ts';

/** The manager that migrates from client-side apply. */
const KUBECTL = 'kubectl';

/** Metadata maintained by the server, which is never owned. */
const SERVER_FIELDS = FieldSet.of(
  ...[
    ['apiVersion'],
    ['kind'],
    ['metadata'],
    ...[
      'name',
      'namespace',
      'creationTimestamp',
      'selfLink',
      'uid',
      'clusterName',
      'generation',
      'managedFields',
      'resourceVersion',
    ].map((field) => ['metadata', field]),
  ].map((path) => path.map(fieldElement)),
);

export interface FieldManagerOptions {
  /** Kind and version of the requests. */
  readonly kind: GroupVersionKind;
  /** '' for the resource itself. */
  readonly subresource: string;
  /** Like `VersionConverter.schemaFor`. */
  schemaFor(apiVersion: string): TypeSchema | undefined;
  /** The schema of applied configurations; if absent, that of the version of requests. */
  readonly configurationSchema?: TypeSchema | undefined;
  /**
   * Converts between the internal version (`undefined`) and that of requests. Doesn't modify its argument. The result
   * may share parts with it and is only read.
   */
  convert(object: KubeObject, apiVersion: string | undefined): KubeObject;
  /** Converts to and from another manager's version, if that takes more than `convert`. Returns a copy. */
  convertRemotely?(object: KubeObject, apiVersion: string): Promise<KubeObject>;
  /**
   * Converts the result of a merge from the version of requests to an internal object, and applies defaults. Doesn't
   * modify its argument.
   */
  finish(object: KubeObject): Promise<KubeObject>;
  /** An object of the kind, in its version, with no fields set. */
  newObject(): KubeObject;
  /** Fields, by version, that writes through this resource don't own. */
  readonly resetFields?: Readonly<Record<string, readonly (readonly string[])[]>> | undefined;
}

export class FieldManager {
  readonly #options: FieldManagerOptions;
  readonly #apiVersion: string;
  readonly #updater: Updater;
  /** Identifies what else the fields of a new object depend on. */
  readonly #resource: string;

  constructor(options: FieldManagerOptions) {
    const { kind, subresource, resetFields: reset } = options;
    this.#options = options;
    this.#resource = JSON.stringify([kind, subresource, reset]);
    this.#apiVersion = formatGroupVersion(options.kind);
    const resetFields = Object.entries(options.resetFields ?? {}).map(
      ([apiVersion, paths]): [string, FieldSet] => [
        apiVersion,
        FieldSet.of(...paths.map((path) => path.map(fieldElement))),
      ],
    );
    this.#updater = new Updater(
      {
        schemaFor: (apiVersion) => options.schemaFor(apiVersion),
        convert: async ({ value }, apiVersion) => {
          const convert = options.convertRemotely ?? options.convert;
          return withoutManagedFields(await convert(value as KubeObject, apiVersion));
        },
      },
      new Map(resetFields),
    );
  }

  /**
   * Sets the managed fields of `next`, which is about to replace `live`; both are internal. `live` is undefined on
   * creation. Never fails on objects that can't be compared, which keep their managers.
   */
  async update(live: KubeObject | undefined, next: KubeObject, manager: string): Promise<void> {
    try {
      await breathe();
      const managed = await this.#managedOf(live, next);
      await breathe();
      const isNew = live === undefined && managed.fields.size === 0;
      const entries = isNew
        ? await this.#ofNew(next, manager)
        : await inPieces(encodeManagedFields(await this.#update(live, next, managed, manager)));
      await breathe();
      setManagedFields(next, entries);
    } catch (error) {
      if (!(error instanceof TypedValueError || error instanceof VersionConversionError)) throw error;
      setManagedFields(next, live?.metadata.managedFields ?? undefined);
    }
  }

  /**
   * Applies `configuration` (versioned, as the client wrote it) to `live` (internal; without a uid if it doesn't
   * exist). Resolves to an internal object. Rejects with `StatusError`.
   */
  async apply(
    live: KubeObject,
    configuration: KubeObject | JSONObject,
    { manager, force }: { manager: string; force: boolean },
  ): Promise<KubeObject> {
    const { kind, configurationSchema = this.#schema() } = this.#options;
    checkConfiguration(configuration, kind, configurationSchema);
    await breathe();
    try {
      return await this.#applyChecked(live, configuration, { manager, force });
    } catch (error) {
      const cause = error instanceof VersionConversionError ? error.cause : error;
      if (cause instanceof DecodingError) {
        const subject = describeObject(configuration, this.#options.kind);
        const why = `unable to convert unstructured object to ${formatGroupVersionKind(this.#options.kind)}: ${conversionFailure(cause)}`;
        throw newPlainError(`failed to convert new object (${subject}) to proper version: ${why}`);
      }
      if (error instanceof VersionConversionError) {
        throw new StatusError({ code: 500, message: error.message }, error);
      }
      throw error;
    }
  }

  async #applyChecked(
    live: KubeObject,
    configuration: KubeObject | JSONObject,
    { manager, force }: { manager: string; force: boolean },
  ): Promise<KubeObject> {
    const managed = await this.#managedBefore(live);
    try {
      return await this.#applyOver(live, configuration, managed, { manager, force });
    } catch (error) {
      if (error instanceof ConflictsError) {
        const conflicts = this.#conflictsAfterMigration(error, live, manager);
        if (conflicts.length > 0) throw newConflictsStatus(conflicts);
        return this.#applyOver(live, configuration, managed, { manager, force: true });
      }
      if (error instanceof TypedValueError) {
        throw newBadRequest(
          this.#misfit(live, 'failed to create typed live object') ??
            `failed to merge config: ${error.message}`,
        );
      }
      throw error;
    }
  }

  /** Assigns the fields of an object without managers to `before-first-apply`. */
  async #managedBefore(live: KubeObject): Promise<Managed> {
    const managed = await inPieces(decodeManagedFields(live.metadata.managedFields));
    await breathe();
    if (managed.fields.size > 0) return managed;
    try {
      return await this.#update(undefined, live, managed, 'before-first-apply');
    } catch (error) {
      if (!(error instanceof TypedValueError)) throw error;
      const why = this.#misfit(live, 'failed to convert new object', ' to smd typed') ?? error.message;
      throw newBadRequest(`failed to create manager for existing fields: ${why}`);
    }
  }

  /**
   * The mismatch of an object with its schema, as an error text with `before` and `after` around the object's name;
   * undefined if it matches.
   */
  #misfit(object: KubeObject, before: string, after = ''): string | undefined {
    const { value } = this.#versioned(object);
    try {
      validateTyped(value, this.#schema(), { allowDuplicates: true });
      return undefined;
    } catch (error) {
      if (!(error instanceof TypedValueError)) throw error;
      return `${before} (${describeObject(object, this.#options.kind)})${after}: ${error.message}`;
    }
  }

  #schema(): TypeSchema {
    const schema = this.#options.schemaFor(this.#apiVersion);
    if (schema === undefined) throw new Error(`no schema for ${this.#apiVersion}`);
    return schema;
  }

  #versioned(object: KubeObject): { value: unknown; apiVersion: string } {
    return {
      value: this.#options.convert(withoutManagedFields(object), this.#apiVersion),
      apiVersion: this.#apiVersion,
    };
  }

  /** The managers before a write: those in the new object, or those of the live object if it has none. */
  async #managedOf(live: KubeObject | undefined, next: KubeObject): Promise<Managed> {
    const brought = this.#options.subresource === '' ? next.metadata.managedFields : undefined;
    if (isReset(brought)) return emptyManaged();
    for (const entries of [brought, live?.metadata.managedFields]) {
      try {
        const managed = await inPieces(decodeManagedFields(entries));
        if (managed.fields.size > 0) return managed;
      } catch {
        // Entries that a server can't have written are ignored.
      }
    }
    return emptyManaged();
  }

  /** The managers of a new object without any. */
  async #ofNew(next: KubeObject, manager: string): Promise<ManagedFieldsEntry[] | undefined> {
    const known = knownFields({
      value: this.#versioned(next).value,
      before: this.#nothing().value,
      schema: this.#schema(),
      resource: this.#resource,
    });
    const { fields } = known ?? {};
    if (fields === null) return undefined;
    if (fields === undefined) {
      const updated = await this.#update(undefined, next, emptyManaged(), manager);
      const entries = await inPieces(encodeManagedFields(updated));
      known?.keep((entries?.[0]?.fieldsV1 as FieldsV1 | undefined) ?? null);
      return entries;
    }
    const identifier = this.#identifier(manager, 'Update');
    return [
      managerEntry(
        identifier,
        { apiVersion: this.#apiVersion, applied: false },
        formatTime(Date.now()),
        fields,
      ),
    ];
  }

  /** The writer owns the fields that conversion sets on an empty object. */
  #nothing(): { value: unknown; apiVersion: string } {
    return { value: withoutManagedFields(this.#options.newObject()), apiVersion: this.#apiVersion };
  }

  async #update(
    live: KubeObject | undefined,
    next: KubeObject,
    managed: Managed,
    manager: string,
  ): Promise<Managed> {
    // An object that was created without managers is tracked from its first apply on.
    if (managed.fields.size === 0 && live?.metadata.uid) return managed;
    const identifier = this.#identifier(manager, 'Update');
    // A separate name distinguishes the fields of this operation from those the manager had before.
    const current = 'current-operation';
    const before = live === undefined ? this.#nothing() : this.#versioned(live);
    await breathe();
    const after = this.#versioned(next);
    await breathe();
    const managers = await this.#updater.update(before, after, managed.fields, current);
    const times = new Map(managed.times);
    const taken = managers.get(current);
    managers.delete(current);
    const own = taken?.set.difference(SERVER_FIELDS) ?? FieldSet.EMPTY;
    if (taken !== undefined && !own.isEmpty) {
      const had = managers.get(identifier)?.set ?? FieldSet.EMPTY;
      managers.set(identifier, { ...taken, set: own.union(had) });
      times.set(identifier, formatTime(Date.now()));
    }
    return capUpdateManagers({ fields: managers, times });
  }

  async #applyOver(
    live: KubeObject,
    configuration: KubeObject | JSONObject,
    managed: Managed,
    options: { manager: string; force: boolean },
  ): Promise<KubeObject> {
    const identifier = this.#identifier(options.manager, 'Apply');
    const before = this.#versioned(live);
    await breathe();
    const applied = { value: configuration as unknown, apiVersion: this.#apiVersion };
    const { value, managers } = await this.#updater.apply(before, applied, managed.fields, {
      manager: identifier,
      force: options.force,
    });
    const own = managers.get(identifier);
    const owned = own?.set.difference(SERVER_FIELDS);
    if (own !== undefined && owned !== undefined) {
      if (owned.isEmpty) managers.delete(identifier);
      else managers.set(identifier, { ...own, set: owned });
    }
    const times = new Map(managed.times);
    await breathe();
    const isSame = await inPieces(equalInPieces(before.value, value));
    if (!isSame) times.set(identifier, formatTime(Date.now()));
    const result = await (isSame ? deepCopyInPieces(live) : this.#options.finish(value as KubeObject));
    await breathe();
    if (options.manager === KUBECTL) followLastApplied(result, configuration as JSONObject);
    setManagedFields(result, await inPieces(encodeManagedFields({ fields: managers, times })));
    return result;
  }

  #identifier(manager: string, operation: 'Apply' | 'Update'): string {
    const { subresource } = this.#options;
    return managerIdentifier({
      manager: manager || 'unknown',
      operation,
      apiVersion: this.#apiVersion,
      subresource,
    });
  }

  /**
   * kubectl may take over, by server-side apply, fields that its client-side apply set before, according to the
   * annotation.
   */
  #conflictsAfterMigration({ conflicts }: ConflictsError, live: KubeObject, manager: string) {
    if (manager !== KUBECTL) return conflicts;
    const allowed = lastAppliedSet(live, this.#versioned(live), this.#schema());
    if (allowed === undefined || conflictSet(conflicts).difference(allowed).isEmpty)
      return allowed === undefined ? conflicts : [];
    return conflicts.filter(({ path }) => !allowed.has(path));
  }
}

const NOT_A_NUMBER_OF_GO =
  /^json: cannot unmarshal number (\S+) into Go (?:struct field \S+|value) of type (u?int\d+)$/;

/** The error of Go's converter for a value that a typed object can't hold, if it differs from the decoder's. */
function conversionFailure({ message }: DecodingError): string {
  const found = NOT_A_NUMBER_OF_GO.exec(message);
  if (found === null) return message;
  const [, number, type] = found;
  return Number.isInteger(Number(number))
    ? `json: cannot unmarshal number ${number} into Go value of type ${type}`
    : `cannot convert float64 to ${type}`;
}

/** A shallow copy. Metadata may be missing from the argument after pruning. */
function withoutManagedFields<T extends Partial<KubeObject>>(object: T): T {
  if (object.metadata === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function setManagedFields({ metadata }: KubeObject, entries: ManagedFieldsEntry[] | undefined): void {
  if (entries === undefined) delete metadata.managedFields;
  else metadata.managedFields = entries;
}

/** An empty list, or one empty entry, by which a client resets the managers. */
function isReset(entries: readonly ManagedFieldsEntry[] | null | undefined): boolean {
  if (!entries) return false;
  return entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0);
}
