/**
 * Converts between the version of a request and the internal form: built-in kinds by the scheme, custom kinds by their
 * definition.
 */

import { convertFieldLabel, fieldLabelRefusal } from '../../apis/field-labels.ts';
import { asUnstructured, type KubeObject } from '../../meta/kube-object.ts';
import type { ObjectDefaulter } from '../../runtime/defaulting.ts';
import { type GroupVersionKind, gvkOf } from '../../runtime/group-version.ts';
import type { HiddenFields } from '../../runtime/hidden-fields.ts';
import { keepLost } from '../../runtime/lost-fields.ts';
import type { RuntimeObject, Scheme } from '../../runtime/scheme.ts';
import { zeroValue } from '../../runtime/serializer/field-presence.ts';
import { setKind } from '../../runtime/serializer/object-kind.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import { equalJSON } from '../../util/json-equal.ts';

export interface ObjectConvertor {
  /** An internal object with no fields set, which stands for the old object of a creation. */
  newObject(): KubeObject;
  /** Applies defaults and converts. Takes ownership of its argument. */
  toInternal(object: RuntimeObject): KubeObject | Promise<KubeObject>;
  /**
   * Converts objects, of which it takes ownership, for an answer. Takes many at once because a conversion may be a
   * webhook call.
   */
  fromInternal(
    objects: readonly KubeObject[],
    gvk: GroupVersionKind,
  ): readonly RuntimeObject[] | Promise<readonly RuntimeObject[]>;
  /** Undefined means any JSON object (custom resources without a schema). */
  schema(gvk: GroupVersionKind): TypeSchema | undefined;
  /** Whether objects of the kind may have fields that clients can't see. If absent, none have. */
  hides?(gvk: GroupVersionKind): boolean;
  /** Copies the fields of `old` that the client couldn't see into an update. Takes ownership of its arguments. */
  keepHidden?(object: KubeObject, old: KubeObject): KubeObject;
  /** The internal label of a field that a selector names. Throws an Error with upstream's text. */
  convertFieldLabel(label: string): string;
}

/** The types that clients see, if they aren't all of the scheme's. */
export interface ShownTypes {
  readonly scheme: Scheme;
  readonly hidden: HiddenFields;
}

/** Converts the kinds of a scheme. */
export class SchemeConvertor implements ObjectConvertor {
  readonly #scheme: Scheme;
  readonly #defaulter: ObjectDefaulter;
  readonly #kind: GroupVersionKind;
  readonly #resource: string;
  readonly #shown: ShownTypes | undefined;

  constructor(options: {
    readonly scheme: Scheme;
    readonly shown?: ShownTypes | undefined;
    readonly defaulter: ObjectDefaulter;
    readonly kind: GroupVersionKind;
    /** Used to look up field labels. */
    readonly resource: string;
  }) {
    this.#scheme = options.scheme;
    this.#defaulter = options.defaulter;
    this.#kind = options.kind;
    this.#resource = options.resource;
    this.#shown = options.shown;
  }

  newObject(): KubeObject {
    return this.#scheme.toInternal<KubeObject>(newVersionedObject(this.#scheme, this.#kind));
  }

  toInternal(object: RuntimeObject): KubeObject {
    // A protobuf body may have set hidden fields.
    this.#shown?.hidden.hide(this.#scheme.schema(gvkOf(object)), object);
    this.#defaulter.applyDefaults(object);
    return this.#scheme.toInternal<KubeObject>(object);
  }

  fromInternal(objects: readonly KubeObject[], gvk: GroupVersionKind): readonly RuntimeObject[] {
    const shown = objects.map((object) => this.#scheme.fromInternal(object, gvk));
    if (this.#shown !== undefined && this.hides(gvk)) {
      for (const object of shown) this.#shown.hidden.hide(this.#scheme.schema(gvk), object);
    }
    return shown;
  }

  schema(gvk: GroupVersionKind): TypeSchema {
    return (this.#shown?.scheme ?? this.#scheme).schema(gvk);
  }

  hides(gvk: GroupVersionKind): boolean {
    return this.#shown?.hidden.areIn(this.#scheme.schema(gvk)) ?? false;
  }

  keepHidden(object: KubeObject, old: KubeObject): KubeObject {
    const whole = deepCopy(old);
    const [versioned, before] = [object, old].map((one) => this.#scheme.fromInternal(one, this.#kind));
    this.#shown?.hidden.keep(this.#scheme.schema(this.#kind), versioned, before);
    const kept = this.#scheme.toInternal<KubeObject>(versioned!);
    const seen = this.#scheme.toInternal<KubeObject>(before!);
    if (!equalJSON(whole, seen)) keepLost(asUnstructured(kept), asUnstructured(whole), asUnstructured(seen));
    return kept;
  }

  convertFieldLabel(label: string): string {
    const gvr = { group: this.#kind.group, version: this.#kind.version, resource: this.#resource };
    const internal = convertFieldLabel(gvr, label);
    if (internal !== undefined) return internal;
    throw new Error(fieldLabelRefusal(gvr, label));
  }
}

/** The zero value of a kind, as in Go. */
export function newVersionedObject(scheme: Scheme, kind: GroupVersionKind): KubeObject {
  const object = zeroValue(scheme.schema(kind)) as RuntimeObject;
  setKind(object, kind);
  return object as KubeObject;
}
