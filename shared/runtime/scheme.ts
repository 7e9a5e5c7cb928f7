/**
 * The registry of kinds with their versions, defaults, and conversions through the group's internal version
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/scheme.go).
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

/** The fields of every encoded API object. */
export interface RuntimeObject {
  apiVersion?: string | undefined;
  kind?: string | undefined;
}

/**
 * Converts an object of one version to the hub's form, or back. Takes ownership of its argument, which it may modify
 * and return. The scheme sets `apiVersion` and `kind`.
 */
// Only conversions know their two types; the scheme doesn't.
export type ConversionFunction = (object: never) => RuntimeObject;
export type DefaultingFunction = (object: never) => void;

/** One version of a kind. */
export interface KnownType {
  readonly gvk: GroupVersionKind;
  /** The definition in the type tables. */
  readonly definition: string;
  /** The group of the hub form, if the hub is another group's kind: Events of events.k8s.io use core's. */
  readonly internalGroup?: string | undefined;
  /** If absent, this version has the hub's form. */
  readonly toInternal?: ConversionFunction | undefined;
  readonly fromInternal?: ConversionFunction | undefined;
  /**
   * Defaults that aren't constants; applied after the static ones. Not applied to objects read from storage in this
   * version.
   */
  readonly defaults?: DefaultingFunction | undefined;
}

/** The error names the scheme by the line of Go code that creates it. */
export const notRegistered = (kind: string, apiVersion: string): string =>
  `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;

export class NotRegisteredError extends Error {
  override readonly name = 'NotRegisteredError';
  readonly gvk: GroupVersionKind;

  constructor(gvk: GroupVersionKind) {
    super(notRegistered(gvk.kind, formatGroupVersion(gvk)));
    this.gvk = gvk;
  }
}

export class Scheme {
  readonly tables: TypeTables;
  /** Keyed by group version and kind. */
  readonly #types = new Map<string, Map<string, KnownType>>();
  /** Installers of group versions that haven't been used yet. */
  readonly #installs = new Map<string, () => void>();
  readonly #versions = new Map<string, string[]>();
  readonly #typeDefaults = new Map<string, DefaultingFunction>();

  constructor(tables: TypeTables) {
    this.tables = tables;
  }

  /** Registers a group version. `install` adds its kinds when one of them is first used. */
  addVersion(gv: GroupVersion, install: () => void): void {
    this.#ofVersion(gv);
    this.#installs.set(formatGroupVersion(gv), install);
  }

  /** Registers one version of a kind. Throws if it is already registered, which is a programming error. */
  addKnownType(type: KnownType): void {
    const types = this.#ofVersion(type.gvk);
    if (types.has(type.gvk.kind))
      throw new Error(`double registration of ${formatGroupVersionKind(type.gvk)}`);
    types.set(type.gvk.kind, type);
  }

  #ofVersion(gv: GroupVersion): Map<string, KnownType> {
    const key = formatGroupVersion(gv);
    let types = this.#types.get(key);
    if (types === undefined) {
      types = new Map();
      this.#types.set(key, types);
      this.#versions.set(gv.group, [...this.versions(gv.group), gv.version]);
    }
    return types;
  }

  /** The kinds of a group version, installed if necessary; undefined if it isn't registered. */
  #installed(key: string): ReadonlyMap<string, KnownType> | undefined {
    const install = this.#installs.get(key);
    if (install !== undefined) {
      this.#installs.delete(key);
      install();
    }
    return this.#types.get(key);
  }

  /**
   * Registers non-constant defaults of a type for all its occurrences, such as containers in pods and templates. They
   * run after the type's static defaults and after all defaults of nested types.
   */
  addTypeDefaults(definition: string, defaults: DefaultingFunction): void {
    if (this.#typeDefaults.has(definition)) throw new Error(`double defaults of ${definition}`);
    this.#typeDefaults.set(definition, defaults);
  }

  typeDefaults(definition: string): DefaultingFunction | undefined {
    return this.#typeDefaults.get(definition);
  }

  /**
   * Sets the order of a group's versions, most preferred first. Versions that aren't listed follow in their existing
   * order.
   */
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

  /** The versions of a group in descending order of preference; empty for an unknown group. */
  versions(group: string): readonly string[] {
    return this.#versions.get(group) ?? [];
  }

  recognizes(gvk: GroupVersionKind): boolean {
    return this.#installed(formatGroupVersion(gvk))?.has(gvk.kind) === true;
  }

  /** Throws NotRegisteredError. */
  knownType(gvk: GroupVersionKind): KnownType {
    const type = this.#installed(formatGroupVersion(gvk))?.get(gvk.kind);
    if (type === undefined) throw new NotRegisteredError(gvk);
    return type;
  }

  knownTypes(gv: GroupVersion): readonly KnownType[] {
    return [...(this.#installed(formatGroupVersion(gv))?.values() ?? [])];
  }

  allKnownTypes(): readonly KnownType[] {
    return [...this.#types.keys()].flatMap((key) => [...this.#installed(key)!.values()]);
  }

  schema(gvk: GroupVersionKind): TypeSchema {
    return this.tables.schema(this.knownType(gvk).definition);
  }

  /** Converts `object`, which may be modified, from the version it names to the internal one. */
  toInternal<T extends RuntimeObject>(object: RuntimeObject): T {
    const gvk = gvkOf(object);
    if (gvk.version === INTERNAL_VERSION) return object as T;
    const { toInternal, internalGroup = gvk.group } = this.knownType(gvk);
    const internal = toInternal === undefined ? object : toInternal(object as never);
    internal.apiVersion = formatGroupVersion({ group: internalGroup, version: INTERNAL_VERSION });
    internal.kind = gvk.kind;
    return internal as T;
  }

  /** Converts an internal object, which may be modified, to the requested version. */
  fromInternal<T extends RuntimeObject>(object: RuntimeObject, gvk: GroupVersionKind): T {
    const { fromInternal } = this.knownType(gvk);
    const external = fromInternal === undefined ? object : fromInternal(object as never);
    external.apiVersion = formatGroupVersion(gvk);
    external.kind = gvk.kind;
    return external as T;
  }

  /** Converts between any two versions through the hub; does nothing if they are equal. */
  convert<T extends RuntimeObject>(object: RuntimeObject, target: GroupVersionKind): T {
    if (object.apiVersion === formatGroupVersion(target) && object.kind === target.kind) return object as T;
    return this.fromInternal<T>(this.toInternal(object), target);
  }
}
