/**
 * Keeps `metadata.managedFields` through every write, and applies configurations
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/fieldmanager.go).
 * What upstream stacks as eight managers stands here as the steps of two methods.
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
import { FieldSet } from './field-set.ts';
import { followLastApplied, lastAppliedSet } from './last-applied.ts';
import {
  decodeManagedFields,
  emptyManaged,
  encodeManagedFields,
  type Managed,
  managerIdentifier,
} from './managers.ts';
import { fieldElement } from './path-element.ts';
import { TypedValueError } from './typed-value.ts';
import { Updater, VersionConversionError } from './updater.ts';
import { validateTyped } from './validate.ts';

/** The manager that migrates from client-side apply. */
const KUBECTL = 'kubectl';

/** Metadata that the server keeps, and that nobody owns. */
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
  /** Kind and version of the requests that are served. */
  readonly kind: GroupVersionKind;
  /** '' for the resource itself. */
  readonly subresource: string;
  /** As `VersionConverter` has it. */
  schemaFor(apiVersion: string): TypeSchema | undefined;
  /** Of configurations that are applied; absent: as `schemaFor` says of the version of requests. */
  readonly configurationSchema?: TypeSchema | undefined;
  /**
   * Between the internal version (`undefined`) and that of requests. Leaves its argument alone; what it returns may
   * share parts with it, and is only read.
   */
  convert(object: KubeObject, apiVersion: string | undefined): KubeObject;
  /** To a version that another manager spoke, and back, where that takes more than `convert`. A copy, too. */
  convertRemotely?(object: KubeObject, apiVersion: string): Promise<KubeObject>;
  /** What a merge made, in the version of requests, as an internal object with defaults; leaves its argument alone. */
  finish(object: KubeObject): Promise<KubeObject>;
  /** An object of the kind, in its version, with nothing set. */
  newObject(): KubeObject;
  /** By version: fields that writes through this resource leave to others. */
  readonly resetFields?: Readonly<Record<string, readonly (readonly string[])[]>> | undefined;
}

export class FieldManager {
  readonly #options: FieldManagerOptions;
  readonly #apiVersion: string;
  readonly #updater: Updater;

  constructor(options: FieldManagerOptions) {
    this.#options = options;
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
   * Sets the managed fields of `next`, which is about to replace `live`; both internal. `live` is undefined on
   * creation. Never fails: what can't be followed keeps its managers.
   */
  async update(live: KubeObject | undefined, next: KubeObject, manager: string): Promise<void> {
    try {
      await breathe();
      const managed = await this.#managedOf(live, next);
      await breathe();
      const updated = await this.#update(live, next, managed, manager);
      await breathe();
      const entries = await inPieces(encodeManagedFields(updated));
      await breathe();
      setManagedFields(next, entries);
    } catch (error) {
      if (!(error instanceof TypedValueError || error instanceof VersionConversionError)) throw error;
      setManagedFields(next, live?.metadata.managedFields ?? undefined);
    }
  }

  /**
   * The object, internal, that comes of applying `configuration` (versioned, as the client wrote it) to `live`
   * (internal; without a uid when it does not exist). Throws `StatusError`.
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

  /** What an object holds that nobody managed yet is `before-first-apply`'s. */
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

  /** Where an object doesn't fit its schema, after and before these words; undefined if it does. */
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

  /** The managers that a write starts from: those it brings, or the live object's when it brings none. */
  async #managedOf(live: KubeObject | undefined, next: KubeObject): Promise<Managed> {
    const brought = this.#options.subresource === '' ? next.metadata.managedFields : undefined;
    if (isReset(brought)) return emptyManaged();
    for (const entries of [brought, live?.metadata.managedFields]) {
      try {
        const managed = await inPieces(decodeManagedFields(entries));
        if (managed.fields.size > 0) return managed;
      } catch {
        // What no server wrote is as good as nothing.
      }
    }
    return emptyManaged();
  }

  async #update(
    live: KubeObject | undefined,
    next: KubeObject,
    managed: Managed,
    manager: string,
  ): Promise<Managed> {
    // An object that was once made without managers is followed from its first apply on.
    if (managed.fields.size === 0 && live?.metadata.uid) return managed;
    const identifier = this.#identifier(manager, 'Update');
    // Under a name of its own, so that what this operation took can be told from what the manager had.
    const current = 'current-operation';
    // What conversions make of nothing is the writer's.
    const before =
      live === undefined
        ? { value: withoutManagedFields(this.#options.newObject()), apiVersion: this.#apiVersion }
        : this.#versioned(live);
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

  /** kubectl may take, server-side, what its client-side apply set before: the annotation says what that was. */
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

/** What Go's converter says of a value that a typed object can't hold, where its decoder says something else. */
function conversionFailure({ message }: DecodingError): string {
  const found = NOT_A_NUMBER_OF_GO.exec(message);
  if (found === null) return message;
  const [, number, type] = found;
  return Number.isInteger(Number(number))
    ? `json: cannot unmarshal number ${number} into Go value of type ${type}`
    : `cannot convert float64 to ${type}`;
}

/** Shares everything else with its argument, which may have lost its metadata to pruning. */
function withoutManagedFields<T extends Partial<KubeObject>>(object: T): T {
  if (object.metadata === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function setManagedFields({ metadata }: KubeObject, entries: ManagedFieldsEntry[] | undefined): void {
  if (entries === undefined) delete metadata.managedFields;
  else metadata.managedFields = entries;
}

/** An empty list, or one empty entry: a client asks to start afresh. */
function isReset(entries: readonly ManagedFieldsEntry[] | null | undefined): boolean {
  if (!entries) return false;
  return entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0);
}
