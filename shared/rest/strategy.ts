/**
 * What is particular to a kind in creating, updating and deleting it
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/create.go, update.go, delete.go).
 * Strategies see internal objects and may change the ones they are given to prepare.
 */

import type { FieldError } from '../meta/field-error.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import type { NamePart } from '../meta/validation/names.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { GroupKind } from '../runtime/group-version.ts';
import type { RESTDeleteOptions } from './rest-storage.ts';

/** Reports why a name is bad, one text per rule broken; `prefix` when it will get a random suffix. */
type ValidateName = (name: string, part?: NamePart) => string[];

/** What becomes of an object's dependents. */
type GarbageCollectionPolicy = 'background' | 'orphan' | 'unsupported';

/** Paths by group version: `{ 'apps/v1': [['status']] }`. */
export type ResetFields = Readonly<Record<string, readonly (readonly string[])[]>>;

/** The rules of a group's types. */
export interface DeclaredRules {
  validate(context: RequestContext, type: string, object: object, old?: object): FieldError[];
}

export interface RESTStrategy<T extends KubeObject> {
  readonly kind: GroupKind;
  /** Of an object, where it may have another one than the strategy's: what is invalid then is called by that. */
  kindOf?(object: T): GroupKind;
  /** Rules that the kind's type declares, which are looked at after `validate` and `validateUpdate`. */
  readonly declared?: {
    /** The type's name in the rules. */
    readonly type: string;
    load(): Promise<DeclaredRules>;
  };
  /** What is found twice is told twice. Default: once, as upstream does where rules of a kind are declared. */
  readonly repeatsErrors?: boolean;
  readonly namespaced: boolean;
  readonly validateName: ValidateName;
  /** False: `validate` leaves metadata alone, which is looked at on create when nothing else is wrong. Default true. */
  readonly validatesMetadata?: boolean;

  /**
   * Leaves out the fields whose feature gates are off, unless `old`, the stored object, has them. Is invoked before
   * anything else; what is kept of the stored object afterwards is kept whatever this did.
   */
  dropDisabledFields?(context: RequestContext, object: T, old: T | undefined): void;
  /** What an update loses to `dropDisabledFields` is a change for `prepareForUpdate`, after which it is invoked. */
  readonly preparesUndropped?: boolean;

  /** Is invoked on create before validation: resets what clients may not set, such as status. */
  prepareForCreate?(context: RequestContext, object: T): void | Promise<void>;
  /** Is invoked after defaulting and prepareForCreate; metadata is validated by the caller. */
  validate?(context: RequestContext, object: T): FieldError[] | Promise<FieldError[]>;
  warningsOnCreate?(context: RequestContext, object: T): string[] | Promise<string[]>;

  /** Is invoked on update before validation: keeps what clients may not change, raises generation. */
  prepareForUpdate?(context: RequestContext, object: T, old: T): void | Promise<void>;
  validateUpdate?(context: RequestContext, object: T, old: T): FieldError[] | Promise<FieldError[]>;
  warningsOnUpdate?(context: RequestContext, object: T, old: T): string[] | Promise<string[]>;
  /** PUT of what doesn't exist creates it. Default false. */
  readonly allowCreateOnUpdate?: boolean;
  /** PUT without a resourceVersion overwrites. Default true. */
  readonly allowUnconditionalUpdate?: boolean | ((context: RequestContext) => boolean);
  /** Brings an object to the form in which equal objects are equal, after validation. */
  canonicalize?(object: T): void;

  /** Decides the grace period and may mark the object; returns false when deletion is immediate. Default: immediate. */
  checkGracefulDelete?(
    context: RequestContext,
    object: T,
    options: { gracePeriodSeconds?: number | undefined },
  ): boolean;
  /** Said of every deletion, of one object or of many, with these options. */
  warningsOnDelete?(context: RequestContext, options: RESTDeleteOptions): readonly string[];
  /** Garbage collection when the client names no policy. Default 'background'. */
  readonly defaultGarbageCollectionPolicy?:
    | GarbageCollectionPolicy
    | ((context: RequestContext) => GarbageCollectionPolicy);

  /** Seconds an object lives: Events, leases' candidates. `undefined`: for ever. */
  ttlSeconds?(object: T): number | undefined;

  /** By what objects are found beside their names: see `StorageConfig.terms`. */
  terms?(object: T): readonly string[];
  /** See `StorageConfig.lead`. */
  lead?(object: T): string;
  readonly leadFormat?: number;

  /** Fields that apply must not own through this (sub)resource, by API version: `{ 'apps/v1': [['status']] }`. */
  readonly resetFields?: ResetFields;
}
