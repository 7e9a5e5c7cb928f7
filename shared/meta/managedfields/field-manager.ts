/**
 * Keeps `metadata.managedFields` through every write, and applies configurations
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/fieldmanager.go).
 * What upstream stacks as eight managers stands here as the steps of two methods.
 */

import {
  formatGroupVersion,
  formatGroupVersionKind,
  type GroupVersionKind,
  gvkOf,
} from '../../runtime/group-version.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { equalJSON } from '../../util/json-equal.ts';
import type { KubeObject } from '../kube-object.ts';
import { newBadRequest, StatusError } from '../status-error.ts';
import { formatTime } from '../time.ts';
import type { ManagedFieldsEntry } from '../v1/types.ts';
import { capUpdateManagers } from './cap-managers.ts';
import { compare } from './compare.ts';
import { ConflictsError, conflictSet, newConflictsStatus } from './conflicts.ts';
import { FieldSet } from './field-set.ts';
import {
  decodeManagedFields,
  emptyManaged,
  encodeManagedFields,
  type Managed,
  managerIdentifier,
} from './managers.ts';
import { fieldElement } from './path-element.ts';
import { toFieldSet } from './to-field-set.ts';
import { TypedValueError } from './typed-value.ts';
import { Updater, VersionConversionError } from './updater.ts';
import { validateTyped } from './validate.ts';

export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** All annotations of an object together, in bytes. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

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
  /** Undefined for a version that isn't served any more. */
  schemaFor(apiVersion: string): TypeSchema | undefined;
  /** Between the internal version (`undefined`) and that of requests; returns a copy, and leaves its argument alone. */
  convert(object: KubeObject, apiVersion: string | undefined): KubeObject;
  /** To a version that another manager spoke, and back, where that takes more than `convert`. A copy, too. */
  convertRemotely?(object: KubeObject, apiVersion: string): Promise<KubeObject>;
  /** Fills defaults into a versioned object, in place. */
  default(object: KubeObject): void;
  /** An object of the kind, in its version, with nothing set. */
  newObject(): KubeObject;
  /** By version: fields that writes through this resource leave to others. */
  readonly resetFields?: Readonly<Record<string, readonly (readonly string[])[]>> | undefined;
}

/** Who an update is by, when the request names no field manager: the user agent up to its first slash. */
export function managerOrUserAgent(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager) return fieldManager;
  return [...((userAgent ?? '').split('/')[0] ?? '')]
    .filter((char) => /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char))
    .slice(0, 128)
    .join('');
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
   * Sets the managed fields of `next`, which is about to replace `live`; both internal. `live` is an empty object on
   * creation. Never fails: what can't be followed keeps the managers it had.
   */
  async update(live: KubeObject, next: KubeObject, manager: string): Promise<void> {
    try {
      const managed = this.#managedOf(live, next);
      const entries = encodeManagedFields(await this.#update(live, next, managed, manager));
      setManagedFields(next, entries);
    } catch (error) {
      if (!(error instanceof TypedValueError || error instanceof VersionConversionError)) throw error;
      setManagedFields(next, live.metadata.managedFields);
    }
  }

  /**
   * The object, internal, that comes of applying `configuration` (versioned, as the client wrote it) to `live`
   * (internal; without a uid when it does not exist). Throws `StatusError`.
   */
  async apply(
    live: KubeObject,
    configuration: KubeObject,
    { manager, force }: { manager: string; force: boolean },
  ): Promise<KubeObject> {
    this.#checkConfiguration(configuration);
    let managed = decodeManagedFields(live.metadata.managedFields);
    try {
      if (managed.fields.size === 0) {
        const empty = this.#options.convert(this.#options.newObject(), undefined);
        managed = await this.#update(empty, live, managed, 'before-first-apply');
      }
      return await this.#applyOver(live, configuration, managed, { manager, force });
    } catch (error) {
      if (error instanceof ConflictsError) {
        const conflicts = this.#conflictsAfterMigration(error, live, manager);
        if (conflicts.length > 0) throw newConflictsStatus(conflicts);
        return this.#applyOver(live, configuration, managed, { manager, force: true });
      }
      if (error instanceof VersionConversionError) {
        throw new StatusError({ code: 500, message: error.message }, error);
      }
      if (error instanceof TypedValueError) throw newBadRequest(`failed to merge config: ${error.message}`);
      throw error;
    }
  }

  #checkConfiguration(configuration: KubeObject): void {
    const gvk = gvkOf(configuration);
    if (formatGroupVersionKind(gvk) !== formatGroupVersionKind(this.#options.kind)) {
      throw newBadRequest(`invalid object type: ${formatGroupVersionKind(gvk)}`);
    }
    if (configuration.metadata?.managedFields !== undefined)
      throw newBadRequest('metadata.managedFields must be nil');
    try {
      validateTyped(configuration, this.#schema());
    } catch (error) {
      if (!(error instanceof TypedValueError)) throw error;
      const { namespace = '', name = '' } = configuration.metadata ?? {};
      const subject = `${namespace}/${name}; ${formatGroupVersionKind(gvk)}`;
      throw newBadRequest(`failed to create typed patch object (${subject}): ${error.message}`);
    }
  }

  #schema(): TypeSchema {
    const schema = this.#options.schemaFor(this.#apiVersion);
    if (schema === undefined) throw new Error(`no schema for ${this.#apiVersion}`);
    return schema;
  }

  #versioned(object: KubeObject): { value: unknown; apiVersion: string } {
    return {
      value: withoutManagedFields(this.#options.convert(object, this.#apiVersion)),
      apiVersion: this.#apiVersion,
    };
  }

  /** The managers that a write starts from: those it brings, or the live object's when it brings none. */
  #managedOf(live: KubeObject, next: KubeObject): Managed {
    const brought = this.#options.subresource === '' ? next.metadata.managedFields : undefined;
    if (isReset(brought)) return emptyManaged();
    for (const entries of [brought, live.metadata.managedFields]) {
      try {
        const managed = decodeManagedFields(entries);
        if (managed.fields.size > 0) return managed;
      } catch {
        // What no server wrote is as good as nothing.
      }
    }
    return emptyManaged();
  }

  async #update(live: KubeObject, next: KubeObject, managed: Managed, manager: string): Promise<Managed> {
    // An object that was once made without managers is followed from its first apply on.
    if (managed.fields.size === 0 && live.metadata.uid) return managed;
    const identifier = this.#identifier(manager, 'Update');
    // Under a name of its own, so that what this operation took can be told from what the manager had.
    const current = 'current-operation';
    const managers = await this.#updater.update(
      this.#versioned(live),
      this.#versioned(next),
      managed.fields,
      current,
    );
    const times = new Map(managed.times);
    const taken = managers.get(current);
    managers.delete(current);
    const own = taken?.set.difference(SERVER_FIELDS) ?? FieldSet.EMPTY;
    if (taken !== undefined && !own.isEmpty) {
      const before = managers.get(identifier)?.set ?? FieldSet.EMPTY;
      managers.set(identifier, { ...taken, set: own.union(before) });
      times.set(identifier, formatTime(Date.now()));
    }
    return capUpdateManagers({ fields: managers, times });
  }

  async #applyOver(
    live: KubeObject,
    configuration: KubeObject,
    managed: Managed,
    options: { manager: string; force: boolean },
  ): Promise<KubeObject> {
    const identifier = this.#identifier(options.manager, 'Apply');
    const before = this.#versioned(live);
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
    const isSame = equalJSON(before.value, value);
    if (!isSame) times.set(identifier, formatTime(Date.now()));
    const result = isSame ? deepCopy(live) : this.#finish(value as KubeObject);
    this.#keepLastApplied(result, configuration, options.manager);
    setManagedFields(result, encodeManagedFields({ fields: managers, times }));
    return result;
  }

  #finish(value: KubeObject): KubeObject {
    const versioned = deepCopy(value);
    this.#options.default(versioned);
    return this.#options.convert(versioned, undefined);
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
    if (manager !== 'kubectl') return conflicts;
    const allowed = this.#lastAppliedSet(live);
    if (allowed === undefined || conflictSet(conflicts).difference(allowed).isEmpty)
      return allowed === undefined ? conflicts : [];
    return conflicts.filter(({ path }) => !allowed.has(path));
  }

  /** Fields of the last client-side apply that still have the values it gave them. */
  #lastAppliedSet(live: KubeObject): FieldSet | undefined {
    const text = live.metadata.annotations?.[LAST_APPLIED_ANNOTATION];
    if (!text) return undefined;
    try {
      const last = JSON.parse(text) as KubeObject;
      if (last.apiVersion !== this.#apiVersion) return undefined;
      const schema = this.#schema();
      const { added, modified, removed } = compare(last, this.#versioned(live).value, schema);
      return toFieldSet(last, schema).difference(modified).difference(added).difference(removed);
    } catch {
      return undefined;
    }
  }

  /** Clients that still apply on their side compare with the annotation: it follows what kubectl applies here. */
  #keepLastApplied({ metadata }: KubeObject, configuration: KubeObject, manager: string): void {
    const { annotations } = metadata;
    if (manager !== 'kubectl' || !annotations?.[LAST_APPLIED_ANNOTATION]) return;
    const copy = deepCopy(configuration);
    delete copy.metadata.annotations?.[LAST_APPLIED_ANNOTATION];
    annotations[LAST_APPLIED_ANNOTATION] = `${stringifyJSON(copy)}\n`;
    const size = Object.entries(annotations).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
    if (size > MAX_ANNOTATIONS_BYTES) delete annotations[LAST_APPLIED_ANNOTATION];
  }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  delete object.metadata.managedFields;
  return object;
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
