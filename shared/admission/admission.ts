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

/** One write on its way in. Objects are internal; a mutating plugin changes `object` in place or replaces it. */
export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subresource: string;
  readonly namespace: string;
  /** '' while generateName has not been resolved. */
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
  /** Audit annotation; `name/key` form is the plugin's duty. `level`: the least at which it is logged. */
  addAnnotation(key: string, value: string, level?: 'Metadata' | 'Request'): void;
}

/** How the objects of a request change form: for webhooks and policies, which see versions. */
export interface ObjectInterfaces {
  /** A copy in another version of the same kind. Custom resources may ask their conversion webhook. */
  toVersion(object: KubeObject, kind: GroupVersionKind): Promise<KubeObject>;
  /** From any version, defaulted, to the form that attributes hold. Takes the object over. */
  fromVersion(object: RuntimeObject): Promise<KubeObject>;
  /** The same resource in all groups and versions that serve it, with the kind it has there. */
  equivalents(resource: GroupVersionResource, subresource: string): readonly EquivalentResource[];
}

export interface EquivalentResource {
  readonly resource: GroupVersionResource;
  readonly kind: GroupVersionKind;
}

/** What is known of a write before its body is read, and perhaps its object. */
export type ForeseenAttributes = Pick<
  AdmissionAttributes,
  'operation' | 'kind' | 'resource' | 'subresource' | 'namespace'
> &
  Partial<Pick<AdmissionAttributes, 'object'>>;

/** A whole resource, or one object of it. */
export interface AdmissionRead extends GroupResource {
  readonly object?: { readonly namespace: string; readonly name: string };
}

export interface AdmissionPlugin {
  readonly name: string;
  handles(operation: AdmissionOperation): boolean;
  /** The only resources that it looks at, each with its subresources; absent: it looks at all. */
  readonly judges?: readonly GroupResource[] | undefined;
  /** What such a request makes it read through listers, as a rule. Of requests of one sort only the first for a while is asked. */
  reads?(attributes: ForeseenAttributes): readonly AdmissionRead[];
  /** The mutating half. Throws `StatusError` to refuse. */
  admit?(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  /** The validating half; must not change the object. */
  validate?(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  /** Reads what requests are judged by; once, before the first. Rejects for what can't be used. */
  open?(): Promise<void>;
  /** Resources that the plugin has opened (connections, queues); called when the server drains. */
  close?(): Promise<void>;
}

/** What a chain is to the endpoints: mutate, then validate. */
export interface AdmissionChain {
  handles(operation: AdmissionOperation): boolean;
  /** Begins to read what such a write is judged by. */
  foresee?(attributes: ForeseenAttributes): void;
  admit(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  validate(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  /** Opens the plugins. Rejects with what one of them says, named. */
  open?(): Promise<void>;
  close(): Promise<void>;
}

/** What plugins are made from (upstream's initializers, as one value). */
export interface AdmissionDependencies {
  readonly scheme: Scheme;
  readonly resources: ResourceAccess;
  /** Absent: nothing is counted. */
  readonly metrics?: AdmissionMetrics | undefined;
  /** Which resource serves a kind, custom ones included; undefined if none does. */
  readonly resourceFor: (
    kind: GroupKind & { readonly version?: string },
  ) => Promise<ResourceMapping | undefined>;
  /** The shape of a kind, custom ones included; undefined for kinds nobody serves. */
  readonly schemaOf: (kind: GroupVersionKind) => Promise<TypeSchema | undefined>;
  readonly resolveService: ResolveService;
  /** Which addresses webhooks may have; absent: any. */
  readonly addresses?: AddressGuard | undefined;
  /** Absent: nothing is said. */
  readonly logger?: Logger | undefined;
  /** `--default-not-ready-toleration-seconds` and its sister; absent: upstream's defaults. */
  readonly tolerationSeconds?: { readonly notReady: number; readonly unreachable: number } | undefined;
  /** Feature gates, by upstream's names. */
  readonly featureEnabled: (gate: string) => boolean;
  /** Asks whether `user` may do something: the CEL authorizer, OwnerReferencesPermissionEnforcement. */
  readonly authorize: (
    attributes: AuthorizationQuestion,
  ) => Promise<{ readonly allowed: boolean; readonly reason: string; readonly error?: Error | undefined }>;
  /** For files that the configuration names. */
  readonly readFile: ReadFile;
  /** For the same files: where there is a configuration, there is a parser. */
  readonly parseYAML: (text: string, options?: { readonly version?: '1.1' | '1.2' }) => unknown;
  /** Absent: the host has no folders. */
  readonly openManifests?: OpenManifests | undefined;
  /** The plugin's part of `--admission-control-config-file`, parsed; undefined if it has none. */
  readonly configuration: unknown;
}

export interface ResourceMapping {
  readonly resource: GroupVersionResource;
  readonly namespaced: boolean;
}

/** The attributes of a question to the authorizer, without importing it: layers stand side by side. */
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
  /** As written; '' or absent if there is none. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

export type AdmissionPluginFactory = (dependencies: AdmissionDependencies) => AdmissionPlugin;
