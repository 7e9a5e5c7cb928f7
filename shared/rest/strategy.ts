/**
 * Behaviour specific to a kind on create, update and delete
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/create.go, update.go, delete.go). Strategies
 * receive internal objects and may modify those passed for preparation.
 */

import type { FieldError } from '../meta/field-error.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import type { NamePart } from '../meta/validation/names.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { GroupKind } from '../runtime/group-version.ts';
import type { RESTDeleteOptions } from './rest-storage.ts';

/** Returns one text per violated rule; `part` is `prefix` if a random suffix will be appended. */
type ValidateName = (name: string, part?: NamePart) => string[];

/** The treatment of an object's dependents. */
type GarbageCollectionPolicy = 'background' | 'orphan' | 'unsupported';

/** Paths by group version: `{ 'apps/v1': [['status']] }`. */
export type ResetFields = Readonly<Record<string, readonly (readonly string[])[]>>;

/** The declarative validation rules of a group's types. */
export interface DeclaredRules {
  validate(context: RequestContext, type: string, object: object, old?: object): FieldError[];
}

export interface RESTStrategy<T extends KubeObject> {
  readonly kind: GroupKind;
  /** The kind of an object for errors, if it may differ from the strategy's. */
  kindOf?(object: T): GroupKind;
  /** Rules declared by the kind's type, evaluated after `validate` and `validateUpdate`. */
  readonly declared?: {
    /** The type's name in the rules. */
    readonly type: string;
    load(): Promise<DeclaredRules>;
  };
  /** Whether to report duplicate errors. Defaults to false, as upstream for kinds with declared rules. */
  readonly repeatsErrors?: boolean;
  readonly namespaced: boolean;
  readonly validateName: ValidateName;
  /**
   * Whether metadata is validated on create along with `validate`; if false, only once nothing else is invalid.
   * Defaults to true.
   */
  readonly validatesMetadata?: boolean;

  /**
   * Drops fields whose feature gates are off, unless `old`, the stored object, has them. Invoked before everything
   * else, so fields later copied from the stored object are kept.
   */
  dropDisabledFields?(context: RequestContext, object: T, old: T | undefined): void;
  /** Whether `prepareForUpdate` sees the fields that `dropDisabledFields` then drops, and counts them as changes. */
  readonly preparesUndropped?: boolean;

  /** Invoked on create before validation: resets fields that clients may not set, such as status. */
  prepareForCreate?(context: RequestContext, object: T): void | Promise<void>;
  /** Invoked after defaulting and prepareForCreate. The caller validates metadata. */
  validate?(context: RequestContext, object: T): FieldError[] | Promise<FieldError[]>;
  warningsOnCreate?(context: RequestContext, object: T): string[] | Promise<string[]>;

  /**
   * Invoked on update before validation: restores fields that clients may not change, and increments the generation.
   */
  prepareForUpdate?(context: RequestContext, object: T, old: T): void | Promise<void>;
  validateUpdate?(context: RequestContext, object: T, old: T): FieldError[] | Promise<FieldError[]>;
  warningsOnUpdate?(context: RequestContext, object: T, old: T): string[] | Promise<string[]>;
  /** Whether a PUT of a missing object creates it. Defaults to false. */
  readonly allowCreateOnUpdate?: boolean;
  /** Whether a PUT without a resourceVersion overwrites. Defaults to true. */
  readonly allowUnconditionalUpdate?: boolean | ((context: RequestContext) => boolean);
  /** Normalizes an object after validation, so that equivalent objects are equal. */
  canonicalize?(object: T): void;

  /** Sets the grace period and may mark the object. Returns false for immediate deletion, which is the default. */
  checkGracefulDelete?(
    context: RequestContext,
    object: T,
    options: { gracePeriodSeconds?: number | undefined },
  ): boolean;
  /** Warnings for every deletion with these options, of single objects and of collections. */
  warningsOnDelete?(context: RequestContext, options: RESTDeleteOptions): readonly string[];
  /** Garbage collection if the client specifies no policy. Defaults to 'background'. */
  readonly defaultGarbageCollectionPolicy?:
    | GarbageCollectionPolicy
    | ((context: RequestContext) => GarbageCollectionPolicy);

  /** Lifetime of an object in seconds (Events, lease candidates); undefined if unlimited. */
  ttlSeconds?(object: T): number | undefined;

  /** Terms by which objects can be found besides their names: see `StorageConfig.terms`. */
  terms?(object: T): readonly string[];
  /** See `StorageConfig.lead`. */
  lead?(object: T): string;
  readonly leadFormat?: number;

  /** Fields that an apply through this (sub)resource must not own, by API version: `{ 'apps/v1': [['status']] }`. */
  readonly resetFields?: ResetFields;
}
