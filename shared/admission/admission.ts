/**
 * The admission contract
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/interfaces.go).
 */

import type { KubeObject } from '../meta/kube-object.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { UserInfo } from '../request/user-info.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { GroupVersionKind, GroupVersionResource } from '../runtime/group-version.ts';
import type { Scheme } from '../runtime/scheme.ts';

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
  /** Audit annotation; `name/key` form is the plugin's duty. */
  addAnnotation(key: string, value: string): void;
}

export interface AdmissionPlugin {
  readonly name: string;
  handles(operation: AdmissionOperation): boolean;
  /** The mutating half. Throws `StatusError` to refuse. */
  admit?(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  /** The validating half; must not change the object. */
  validate?(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  /** Resources that the plugin has opened (connections, queues); called when the server drains. */
  close?(): Promise<void>;
}

/** What a chain is to the endpoints: mutate, then validate. */
export interface AdmissionChain {
  handles(operation: AdmissionOperation): boolean;
  admit(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  validate(attributes: AdmissionAttributes, context: RequestContext): Promise<void>;
  close(): Promise<void>;
}

/** What plugins are made from (upstream's initializers, as one value). */
export interface AdmissionDependencies {
  readonly scheme: Scheme;
  readonly resources: ResourceAccess;
  /** Asks whether `user` may do something: the CEL authorizer, OwnerReferencesPermissionEnforcement. */
  readonly authorize: (
    attributes: AuthorizationQuestion,
  ) => Promise<{ readonly allowed: boolean; readonly reason: string }>;
  /** The plugin's part of `--admission-control-config-file`, parsed; undefined if it has none. */
  readonly configuration: unknown;
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
}

export type AdmissionPluginFactory = (dependencies: AdmissionDependencies) => AdmissionPlugin;
