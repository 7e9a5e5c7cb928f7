/**
 * The registry of kinds: which exist in which versions, how they default, and how they convert through the
 * group's internal version (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/scheme.go).
 */

import {
  formatGroupVersion,
  formatGroupVersionKind,
  type GroupVersion,
  type GroupVersionKind,
  gvkOf,
  INTERNAL_VERSION,
} from './group-version.ts';
import type { TypeSchema } from './type-schema.ts';
import type { TypeTables } from './type-tables.ts';

/** What every API object has on the wire. */
export interface RuntimeObject {
  apiVersion?: string | undefined;
  kind?: string | undefined;
}

/**
 * Turns an object of one version into the hub's shape, or back. May change and return its argument: whoever
 * converts owns the object. `apiVersion` and `kind` are the scheme's affair.
 */
// Conversions know their own two types; the scheme can't.
export type ConversionFunction = (object: never) => RuntimeObject;
export type DefaultingFunction = (object: never) => void;

/** One version of a kind. */
export interface KnownType {
  readonly gvk: GroupVersionKind;
  /** Definition in the type tables. */
  readonly definition: string;
  /** Group of the hub form, where another group's kind is the hub: Events of events.k8s.io are core's. */
  readonly internalGroup?: string | undefined;
  /** Absent: this version has the hub's shape. */
  readonly toInternal?: ConversionFunction | undefined;
  readonly fromInternal?: ConversionFunction | undefined;
  /** What static defaults can't say; runs after them. Not for objects read from storage in this version. */
  readonly defaults?: DefaultingFunction | undefined;
}

export class NotRegisteredError extends Error {
  override readonly name = 'NotRegisteredError';
  readonly gvk: GroupVersionKind;

  constructor(gvk: GroupVersionKind) {
    super(`no kind "${gvk.kind}" is registered for version "${formatGroupVersion(gvk)}" in scheme`);
    this.gvk = gvk;
  }
}

const keyOf = (gvk: GroupVersionKind): string => `${gvk.group}/${gvk.version}/${gvk.kind}`;

export class Scheme {
  readonly tables: TypeTables;
  readonly #types = new Map<string, KnownType>();
  readonly #versions = new Map<string, string[]>();
  readonly #typeDefaults = new Map<string, DefaultingFunction>();

  constructor(tables: TypeTables) {
    this.tables = tables;
  }

  /** Registers one version of a kind. The same kind twice is a programming error and throws. */
  addKnownType(type: KnownType): void {
    const key = keyOf(type.gvk);
    if (this.#types.has(key)) throw new Error(`double registration of ${formatGroupVersionKind(type.gvk)}`);
    this.#types.set(key, type);
    const versions = this.#versions.get(type.gvk.group) ?? [];
    if (!versions.includes(type.gvk.version))
      this.#versions.set(type.gvk.group, [...versions, type.gvk.version]);
  }

  /**
   * Registers what static defaults can't say of a type wherever it stands: containers, in pods and templates alike.
   * Runs after the type's static defaults and after all defaults of the types within it.
   */
  addTypeDefaults(definition: string, defaults: DefaultingFunction): void {
    if (this.#typeDefaults.has(definition)) throw new Error(`double defaults of ${definition}`);
    this.#typeDefaults.set(definition, defaults);
  }

  typeDefaults(definition: string): DefaultingFunction | undefined {
    return this.#typeDefaults.get(definition);
  }

  /** Orders a group's versions, most preferred first. Versions not named keep their order behind these. */
  setVersionPriority(group: string, versions: readonly string[]): void {
    const known = this.#versions.get(group) ?? [];
    for (const version of versions) {
      if (!known.includes(version)) throw new Error(`version ${version} of group "${group}" has no kinds`);
    }
    this.#versions.set(group, [...versions, ...known.filter((version) => !versions.includes(version))]);
  }

  groups(): readonly string[] {
    return [...this.#versions.keys()];
  }

  /** A group's versions, most preferred first; empty for an unknown group. */
  versions(group: string): readonly string[] {
    return this.#versions.get(group) ?? [];
  }

  recognizes(gvk: GroupVersionKind): boolean {
    return this.#types.has(keyOf(gvk));
  }

  /** Throws NotRegisteredError. */
  knownType(gvk: GroupVersionKind): KnownType {
    const type = this.#types.get(keyOf(gvk));
    if (type === undefined) throw new NotRegisteredError(gvk);
    return type;
  }

  knownTypes(gv: GroupVersion): readonly KnownType[] {
    return [...this.#types.values()].filter(
      ({ gvk }) => gvk.group === gv.group && gvk.version === gv.version,
    );
  }

  allKnownTypes(): readonly KnownType[] {
    return [...this.#types.values()];
  }

  schema(gvk: GroupVersionKind): TypeSchema {
    return this.tables.schema(this.knownType(gvk).definition);
  }

  /** Converts `object` (which may be changed) from the version it names to the internal one. */
  toInternal<T extends RuntimeObject>(object: RuntimeObject): T {
    const gvk = gvkOf(object);
    if (gvk.version === INTERNAL_VERSION) return object as T;
    const { toInternal, internalGroup = gvk.group } = this.knownType(gvk);
    const internal = toInternal === undefined ? object : toInternal(object as never);
    internal.apiVersion = formatGroupVersion({ group: internalGroup, version: INTERNAL_VERSION });
    internal.kind = gvk.kind;
    return internal as T;
  }

  /** Converts an internal object (which may be changed) to the version asked for. */
  fromInternal<T extends RuntimeObject>(object: RuntimeObject, gvk: GroupVersionKind): T {
    const { fromInternal } = this.knownType(gvk);
    const external = fromInternal === undefined ? object : fromInternal(object as never);
    external.apiVersion = formatGroupVersion(gvk);
    external.kind = gvk.kind;
    return external as T;
  }

  /** Converts between any two versions through the hub; nothing is done when they are the same. */
  convert<T extends RuntimeObject>(object: RuntimeObject, target: GroupVersionKind): T {
    if (object.apiVersion === formatGroupVersion(target) && object.kind === target.kind) return object as T;
    return this.fromInternal<T>(this.toInternal(object), target);
  }
}
