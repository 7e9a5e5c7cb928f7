/**
 * A set of field paths, as a tree
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/fieldpath/set.go). Sets are immutable; combined
 * sets share branches.
 */

import type { TypeSchema } from '../../runtime/type-schema.ts';
import { atOnce, type Pieces, shouldYield } from '../../util/breathe.ts';
import { sortTexts } from '../../util/sort-texts.ts';
import {
  fieldNameOf,
  isFieldElement,
  type Path,
  type PathElement,
  parsePathElement,
  sortPathElements,
} from './path-element.ts';
import { childSchema } from './typed-value.ts';

const NO_MEMBERS: ReadonlySet<PathElement> = new Set();
const NO_CHILDREN: ReadonlyMap<PathElement, FieldSet> = new Map();

/** Maximum number of fields encoded synchronously. */
const FEW = 64;

/** FieldsV1: `{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}`. */
export interface FieldsV1 {
  [element: string]: FieldsV1;
}

export class FieldSet {
  static readonly EMPTY = new FieldSet(NO_MEMBERS, NO_CHILDREN);

  /** Elements at which paths end. */
  readonly members: ReadonlySet<PathElement>;
  /** Nested sets, which are never empty. */
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

  /** For builders and the operations below; drops empty children. */
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

  /** Throws for invalid FieldsV1. */
  static *fromFieldsV1(fields: FieldsV1): Pieces<FieldSet> {
    const found = new Branches();
    for (const text of Object.keys(fields)) {
      if (text === '.') continue;
      if (shouldYield()) yield;
      const element = parsePathElement(text);
      const below = fields[text];
      if (typeof below !== 'object' || below === null) throw new Error('fields must be objects');
      const count = Object.keys(below).length;
      const endsHere = Object.hasOwn(below, '.');
      if (count === 0 || endsHere) found.add(element);
      if (count > (endsHere ? 1 : 0)) found.put(element, yield* FieldSet.fromFieldsV1(below));
    }
    return found.set();
  }

  /** In canonical order. */
  *toFieldsV1(): Pieces<FieldsV1> {
    const fields: FieldsV1 = {};
    for (const element of yield* this.#elements()) {
      const child = this.children.get(element);
      const below = child === undefined ? {} : (child.#fewFields() ?? (yield* child.toFieldsV1()));
      fields[element] = child !== undefined && this.members.has(element) ? { '.': {}, ...below } : below;
      if (shouldYield()) yield;
    }
    return fields;
  }

  /**
   * Like `toFieldsV1`, for a small set of fields without nested sets, as most structs have; undefined for other sets.
   */
  #fewFields(): FieldsV1 | undefined {
    if (this.children.size > 0 || this.members.size > FEW) return undefined;
    const elements = [...this.members];
    if (!elements.every(isFieldElement)) return undefined;
    // Fields are sorted by their text.
    const fields: FieldsV1 = {};
    for (const element of sortTexts(elements)) fields[element] = {};
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

  /** The set below an element. */
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
    let children: Map<PathElement, FieldSet> | undefined;
    for (const [element, theirs] of other.children) {
      const mine = this.children.get(element);
      const both = mine?.union(theirs) ?? theirs;
      if (both === mine) continue;
      children ??= new Map(this.children);
      children.set(element, both);
    }
    let members: Set<PathElement> | undefined;
    for (const element of other.members) {
      if (this.members.has(element)) continue;
      members ??= new Set(this.members);
      members.add(element);
    }
    if (members === undefined && children === undefined) return this;
    return FieldSet.make(members ?? this.members, children ?? this.children);
  }

  intersection(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return FieldSet.EMPTY;
    const found = new Branches();
    for (const element of this.members) if (other.members.has(element)) found.add(element);
    for (const [element, mine] of this.children) {
      const theirs = other.children.get(element);
      if (theirs !== undefined) found.put(element, mine.intersection(theirs));
    }
    return found.set();
  }

  /** The paths of this set that aren't in the other. */
  difference(other: FieldSet): FieldSet {
    if (other.isEmpty || this.isEmpty) return this;
    return this.#without(other, (mine, _, theirs) => (theirs === undefined ? mine : mine.difference(theirs)));
  }

  /** Like `difference`, but also removes everything below the other's paths. */
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
    const found = new Branches();
    let isWhole = true;
    for (const element of this.members) {
      if (other.members.has(element)) isWhole = false;
      else found.add(element);
    }
    for (const [element, mine] of this.children) {
      const rest = below(mine, element, other.children.get(element));
      isWhole &&= rest === mine;
      found.put(element, rest);
    }
    return isWhole ? this : found.set();
  }

  /** Adds the structs' own fields that only occur as prefixes, because such a field exists along with its content. */
  withNamedFieldsAsMembers(schema: TypeSchema | undefined): FieldSet {
    // Without a schema there are no known struct fields below.
    if (schema === undefined || this.children.size === 0) return this;
    let members: Set<PathElement> | undefined;
    let children: Map<PathElement, FieldSet> | undefined;
    for (const [element, child] of this.children) {
      const isOwnField =
        isFieldElement(element) && schema.kind === 'struct' && schema.fields.has(fieldNameOf(element));
      if (isOwnField && !this.members.has(element)) {
        members ??= new Set(this.members);
        members.add(element);
      }
      const named = child.withNamedFieldsAsMembers(childSchema(schema, element));
      if (named === child) continue;
      children ??= new Map(this.children);
      children.set(element, named);
    }
    if (children === undefined && members === undefined) return this;
    return FieldSet.make(members ?? this.members, children ?? this.children);
  }

  /** All paths in canonical order: at each level those that end there, then those below. */
  *paths(prefix: Path = []): Generator<Path> {
    for (const element of atOnce(sortPathElements(this.members))) yield [...prefix, element];
    for (const element of atOnce(sortPathElements(this.children.keys()))) {
      yield* this.children.get(element)!.paths([...prefix, element]);
    }
  }

  *#elements(): Pieces<PathElement[]> {
    if (this.children.size === 0) return yield* sortPathElements(this.members);
    if (this.members.size === 0) return yield* sortPathElements(this.children.keys());
    return yield* sortPathElements(new Set([...this.members, ...this.children.keys()]));
  }
}

/** The parts of a set under construction: most sets have either only members or only nested sets. */
class Branches {
  #members: Set<PathElement> | undefined;
  #children: Map<PathElement, FieldSet> | undefined;

  add(element: PathElement): void {
    this.#members ??= new Set();
    this.#members.add(element);
  }

  /** Ignores empty sets. */
  put(element: PathElement, child: FieldSet): void {
    if (child.isEmpty) return;
    this.#children ??= new Map();
    this.#children.set(element, child);
  }

  set(): FieldSet {
    return FieldSet.make(this.#members ?? NO_MEMBERS, this.#children ?? NO_CHILDREN);
  }
}

/**
 * Builds the set at one position. Traversals descend through child builders rather than start at the root for each
 * path.
 */
export class FieldSetBuilder {
  #members: Set<PathElement> | undefined;
  #children: Map<PathElement, FieldSetBuilder> | undefined;

  insert(path: Path): void {
    let builder: FieldSetBuilder = this;
    for (const element of path.slice(0, -1)) builder = builder.child(element);
    // The root itself is in every set.
    if (path.length > 0) builder.add(path.at(-1)!);
  }

  /** Adds a path that ends with this element. */
  add(element: PathElement): void {
    this.#members ??= new Set();
    this.#members.add(element);
  }

  /** The builder of the set below an element. */
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
    let children: Map<PathElement, FieldSet> | undefined;
    for (const [element, child] of this.#children ?? []) {
      const built = child.build();
      if (built.isEmpty) continue;
      children ??= new Map();
      children.set(element, built);
    }
    return FieldSet.make(this.#members ?? NO_MEMBERS, children ?? NO_CHILDREN);
  }
}
