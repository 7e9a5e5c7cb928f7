/**
 * A set of field paths, as a tree
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/fieldpath/set.go).
 * Sets never change once made; what combines them shares their branches.
 */

import type { TypeSchema } from '../../runtime/type-schema.ts';
import {
  fieldNameOf,
  isFieldElement,
  type Path,
  type PathElement,
  parsePathElement,
  sortedPathElements,
} from './path-element.ts';
import { childSchema } from './typed-value.ts';

const NO_MEMBERS: ReadonlySet<PathElement> = new Set();
const NO_CHILDREN: ReadonlyMap<PathElement, FieldSet> = new Map();

/** FieldsV1: `{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}`. */
export interface FieldsV1 {
  [element: string]: FieldsV1;
}

export class FieldSet {
  static readonly EMPTY = new FieldSet(NO_MEMBERS, NO_CHILDREN);

  /** Paths that end here. */
  readonly members: ReadonlySet<PathElement>;
  /** Sets below; never empty ones. */
  readonly children: ReadonlyMap<PathElement, FieldSet>;

  private constructor(members: ReadonlySet<PathElement>, children: ReadonlyMap<PathElement, FieldSet>) {
    this.members = members;
    this.children = children;
  }

  static of(...paths: Path[]): FieldSet {
    return FieldSet.ofAll(paths);
  }

  static ofAll(paths: Iterable<Path>): FieldSet {
    const builder = new FieldSetBuilder();
    for (const path of paths) builder.insert(path);
    return builder.build();
  }

  /** For builders and the operations below: drops empty children. */
  static make(members: ReadonlySet<PathElement>, children: ReadonlyMap<PathElement, FieldSet>): FieldSet {
    let kept = children;
    for (const child of children.values()) {
      if (child.isEmpty) {
        kept = new Map([...children].filter(([, each]) => !each.isEmpty));
        break;
      }
    }
    return members.size === 0 && kept.size === 0 ? FieldSet.EMPTY : new FieldSet(members, kept);
  }

  /** Throws for text that is no FieldsV1. */
  static fromFieldsV1(fields: FieldsV1): FieldSet {
    const members = new Set<PathElement>();
    const children = new Map<PathElement, FieldSet>();
    for (const [text, below] of Object.entries(fields)) {
      if (text === '.') continue;
      const element = parsePathElement(text);
      if (typeof below !== 'object' || below === null) throw new Error('fields must be objects');
      const names = Object.keys(below);
      if (names.length === 0 || Object.hasOwn(below, '.')) members.add(element);
      if (names.some((name) => name !== '.')) children.set(element, FieldSet.fromFieldsV1(below));
    }
    return FieldSet.make(members, children);
  }

  /** In canonical order. */
  toFieldsV1(): FieldsV1 {
    const fields: FieldsV1 = {};
    for (const element of this.#elements()) {
      const below = this.children.get(element)?.toFieldsV1() ?? {};
      fields[element] =
        this.members.has(element) && this.children.has(element) ? { '.': {}, ...below } : below;
    }
    return fields;
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && this.children.size === 0;
  }

  has(path: Path): boolean {
    let set: FieldSet | undefined = this;
    for (const element of path.slice(0, -1)) set = set?.children.get(element);
    return path.length > 0 && set !== undefined && set.members.has(path.at(-1)!);
  }

  /** What lies below an element. */
  withPrefix(element: PathElement): FieldSet {
    return this.children.get(element) ?? FieldSet.EMPTY;
  }

  equals(other: FieldSet): boolean {
    if (this === other) return true;
    if (this.members.size !== other.members.size || this.children.size !== other.children.size) return false;
    for (const element of this.members) if (!other.members.has(element)) return false;
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      if (theirs === undefined || !child.equals(theirs)) return false;
    }
    return true;
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty || this === other) return this;
    if (this.isEmpty) return other;
    const children = new Map(this.children);
    for (const [element, theirs] of other.children) {
      children.set(element, children.get(element)?.union(theirs) ?? theirs);
    }
    const members = new Set(this.members);
    for (const element of other.members) members.add(element);
    return FieldSet.make(members, children);
  }

  intersection(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return FieldSet.EMPTY;
    const members = new Set<PathElement>();
    for (const element of this.members) if (other.members.has(element)) members.add(element);
    const children = new Map<PathElement, FieldSet>();
    for (const [element, mine] of this.children) {
      const theirs = other.children.get(element);
      if (theirs !== undefined) children.set(element, mine.intersection(theirs));
    }
    return FieldSet.make(members, children);
  }

  /** Paths of this set that the other doesn't have. */
  difference(other: FieldSet): FieldSet {
    if (other.isEmpty || this.isEmpty) return this;
    return this.#without(other, (mine, _, theirs) => (theirs === undefined ? mine : mine.difference(theirs)));
  }

  /** As `difference`, and without everything below the other's paths. */
  recursiveDifference(other: FieldSet): FieldSet {
    if (other.isEmpty) return this;
    return this.#without(other, (mine, element, theirs) => {
      if (other.members.has(element)) return FieldSet.EMPTY;
      return theirs === undefined ? mine : mine.recursiveDifference(theirs);
    });
  }

  #without(
    other: FieldSet,
    below: (mine: FieldSet, element: PathElement, theirs: FieldSet | undefined) => FieldSet,
  ): FieldSet {
    const members = new Set<PathElement>();
    for (const element of this.members) if (!other.members.has(element)) members.add(element);
    const children = new Map<PathElement, FieldSet>();
    for (const [element, mine] of this.children) {
      children.set(element, below(mine, element, other.children.get(element)));
    }
    return FieldSet.make(members, children);
  }

  /** Adds the structs' own fields that only stand as prefixes: a struct's field exists with what is in it. */
  withNamedFieldsAsMembers(schema: TypeSchema | undefined): FieldSet {
    // Nothing below an unknown schema is a struct's.
    if (schema === undefined || this.children.size === 0) return this;
    let members: Set<PathElement> | undefined;
    const children = new Map<PathElement, FieldSet>();
    let hasChanged = false;
    for (const [element, child] of this.children) {
      const isOwnField =
        isFieldElement(element) && schema.kind === 'struct' && schema.fields.has(fieldNameOf(element));
      if (isOwnField && !this.members.has(element)) {
        members ??= new Set(this.members);
        members.add(element);
      }
      const named = child.withNamedFieldsAsMembers(childSchema(schema, element));
      hasChanged ||= named !== child;
      children.set(element, named);
    }
    if (!hasChanged && members === undefined) return this;
    return FieldSet.make(members ?? this.members, hasChanged ? children : this.children);
  }

  /** All paths: at each level those that end there, then those below, in canonical order. */
  *paths(prefix: Path = []): Generator<Path> {
    for (const element of sortedPathElements(this.members)) yield [...prefix, element];
    for (const element of sortedPathElements(this.children.keys())) {
      yield* this.children.get(element)!.paths([...prefix, element]);
    }
  }

  #elements(): PathElement[] {
    return sortedPathElements(new Set([...this.members, ...this.children.keys()]));
  }
}

/** Collects what is at one place into a set: who goes down a tree goes down its builders, and never from the root. */
export class FieldSetBuilder {
  #members: Set<PathElement> | undefined;
  #children: Map<PathElement, FieldSetBuilder> | undefined;

  insert(path: Path): void {
    let builder: FieldSetBuilder = this;
    for (const element of path.slice(0, -1)) builder = builder.child(element);
    // The root itself is in every set.
    if (path.length > 0) builder.add(path.at(-1)!);
  }

  /** A path that ends with this element. */
  add(element: PathElement): void {
    this.#members ??= new Set();
    this.#members.add(element);
  }

  /** The builder of what is below an element. */
  child(element: PathElement): FieldSetBuilder {
    this.#children ??= new Map();
    let child = this.#children.get(element);
    if (child === undefined) {
      child = new FieldSetBuilder();
      this.#children.set(element, child);
    }
    return child;
  }

  build(): FieldSet {
    let children = NO_CHILDREN;
    if (this.#children !== undefined) {
      const built = new Map<PathElement, FieldSet>();
      for (const [element, child] of this.#children) built.set(element, child.build());
      children = built;
    }
    return FieldSet.make(this.#members ?? NO_MEMBERS, children);
  }
}
