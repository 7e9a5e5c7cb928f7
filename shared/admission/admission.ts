/**
 * The admission contract
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/interfaces.go).
 */

import type { KubeObject } from '../meta/kube-object.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { UserInfo } from '../request/user-info.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { ResolveService } from '../rest/service-resolver.ts';
import type {
  GroupKind,
  GroupResource,
  GroupVersionKind,
  GroupVersionResource,
} from '../runtime/group-version.ts';
import type { RuntimeObject, Scheme } from '../runtime/scheme.ts';
import type { TypeSchema } from '../runtime/type-schema.ts';
import type { AddressGuard } from '../util/address-guard.ts';
import type { Logger } from '../util/logger.ts';
import type { ReadFile } from '../util/read-file.ts';
import type { AdmissionMetrics } from './admission-metrics.ts';
import type { OpenManifests } from './manifests.ts';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** A write under admission. Objects are internal. A mutating plugin changes `object` in place or replaces it. */
export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subresource: string;
  readonly namespace: string;
  /** '' until generateName has been resolved. */
  readonly name: string;
  /** Undefined on DELETE. */
  object: KubeObject | undefined;
  /** Undefined on CREATE. */
  readonly oldObject: KubeObject | undefined;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions, as an API object. */
  readonly options: { readonly kind: string; readonly apiVersion: string } & Readonly<
    Record<string, unknown>
  >;
  readonly dryRun: boolean;
  readonly user: UserInfo;
  readonly objects: ObjectInterfaces;
  /**
   * Adds an audit annotation. The plugin must use a key of the form `name/key`. `level` is the minimum audit level at
   * which it is logged.
   */
  addAnnotation(key: string, value: string, level?: 'Metadata' | 'Request'): void;
}

/** Converts the objects of a request for webhooks and policies, which use external versions. */
export interface ObjectInterfaces {
  /** Returns a copy in another version of the same kind. May call the conversion webhook of a custom resource. */
  toVersion(object: KubeObject, kind: GroupVersionKind): Promise<KubeObject>;
  /** Applies defaults and converts from any version to the internal form. Takes ownership of the object. */
  fromVersion(object: RuntimeObject): Promise<KubeObject>;
  /** The resource in every group and version that serves it, with its kind there. */
  equivalents(resource: GroupVersionResource, subresource: string): readonly EquivalentResource[];
}

export interface EquivalentResource {
  readonly resource: GroupVersionResource;
  readonly kind: GroupVersionKind;
}

/** The attributes of a write that are known before its body, and possibly its object, is read. */
export type PrefetchAttributes = Pick<
  AdmissionAttributes,
  'operation' | 'kind' | 'resource' | 'subresource' | 'namespace'
> &
  Partial<Pick<AdmissionAttributes, 'object'>>;

/** A read of a whole resource or of one object. */
export interface AdmissionRead extends GroupResource {
  readonly object?: { readonly namespace: string; readonly name: string };
}

export interface AdmissionPlugin {
  readonly name: string;
  handles(operation: AdmissionOperation): boolean;
  /** The resources to which the plugin applies, including their subresources; if absent, all. */
  readonly judges?: readonly GroupResource[] | undefined;
  /**
   * The lister reads that such a request usually needs. Called only for the first request of each sort within some
   * time.
   */
  reads?(attributes: PrefetchAttributes): readonly AdmissionRead[];
  /** The mutating phase. Throws `StatusError` to reject the request. */
  admit?(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  /** The validating phase, which must not change the object. */
  validate?(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  /**
   * Loads the plugin's configuration. Called once, before the first request. Rejects if the configuration is invalid.
   */
  open?(): Promise<void>;
  /** Releases connections and queues. Called when the server drains. */
  close?(): Promise<void>;
}

/** An admission chain as seen by endpoints: mutating, then validating admission. */
export interface AdmissionChain {
  handles(operation: AdmissionOperation): boolean;
  /** Starts reading the data for admission of such a write. */
  prefetch?(attributes: PrefetchAttributes): void;
  admit(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  validate(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  /** Opens the plugins. Rejects with the error of a plugin, prefixed with its name. */
  open?(): Promise<void>;
  close(): Promise<void>;
}

/** Dependencies of plugins (upstream's initializers, as one value). */
export interface AdmissionDependencies {
  readonly scheme: Scheme;
  readonly resources: ResourceAccess;
  /** If absent, no metrics are recorded. */
  readonly metrics?: AdmissionMetrics | undefined;
  /** The resource that serves a kind, built-in or custom; undefined if none does. */
  readonly resourceFor: (
    kind: GroupKind & { readonly version?: string },
  ) => Promise<ResourceMapping | undefined>;
  /** The schema of a kind, built-in or custom; undefined if it isn't served. */
  readonly schemaOf: (kind: GroupVersionKind) => Promise<TypeSchema | undefined>;
  readonly resolveService: ResolveService;
  /** Restricts the addresses of webhooks; if absent, all are allowed. */
  readonly addresses?: AddressGuard | undefined;
  /** If absent, nothing is logged. */
  readonly logger?: Logger | undefined;
  /**
   * `--default-not-ready-toleration-seconds` and `--default-unreachable-toleration-seconds`; if absent, upstream's
   * defaults.
   */
  readonly tolerationSeconds?: { readonly notReady: number; readonly unreachable: number } | undefined;
  /** Whether a feature gate, by upstream's name, is enabled. */
  readonly featureEnabled: (gate: string) => boolean;
  /** Checks whether a user is authorized, for the CEL authorizer and OwnerReferencesPermissionEnforcement. */
  readonly authorize: (
    attributes: AuthorizationQuestion,
  ) => Promise<{ readonly allowed: boolean; readonly reason: string; readonly error?: Error | undefined }>;
  /** Reads files that the configuration names. */
  readonly readFile: ReadFile;
  /** Parses these files; available if there is a configuration. */
  readonly parseYAML: (text: string, options?: { readonly version?: '1.1' | '1.2' }) => unknown;
  /** If absent, the host has no folders. */
  readonly openManifests?: OpenManifests | undefined;
  /** The plugin's section of `--admission-control-config-file`, parsed; undefined if it has none. */
  readonly configuration: unknown;
}

export interface ResourceMapping {
  readonly resource: GroupVersionResource;
  readonly namespaced: boolean;
  /** Served by another API server: only the client reads it, and changes are not observed. */
  readonly isRemote?: boolean | undefined;
}

/** Attributes for the authorizer. Redeclared here because this layer must not import the authorizer's. */
export interface AuthorizationQuestion {
  readonly user: UserInfo;
  readonly verb: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
  readonly apiVersion?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly path?: string;
  /** Unparsed; '' or absent if there is none. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

export type AdmissionPluginFactory = (dependencies: AdmissionDependencies) => AdmissionPlugin;
