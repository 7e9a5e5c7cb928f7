/** How API groups offer their resources: each implements this in `registry/<group>/rest-storage.ts`. */

import type { TokenAuthenticator } from '../../authn/authenticator.ts';
import type { ServiceAccountTokenGenerator } from '../../authn/serviceaccount/token-generator.ts';
import type { Authorizer, RuleResolver } from '../../authz/authorizer.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { RESTStorage } from '../../rest/rest-storage.ts';
import type { GroupResource, GroupVersionResource } from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { StorageFactory, ValueTransformer } from '../../storage/storage.ts';

/** What storages are made from. */
export interface RESTStorageConfig {
  readonly scheme: Scheme;
  readonly storageFactory: StorageFactory;
  /** The API as the server itself uses it; nothing of it may be called before the server is up. */
  readonly resources: ResourceAccess;
  /** For storages that ask what a caller may do (access reviews, impersonation of names). */
  readonly authorizer?: Authorizer | undefined;
  /** For SelfSubjectRulesReview. */
  readonly ruleResolver?: RuleResolver | undefined;
  /** For TokenReview. */
  readonly tokenAuthenticator?: TokenAuthenticator | undefined;
  /** For TokenRequest; undefined without `--service-account-signing-key-file`. */
  readonly tokenGenerator?: ServiceAccountTokenGenerator | undefined;
  /** `--runtime-config`; a resource that isn't served need not be built. */
  isResourceServed(gvr: GroupVersionResource): boolean;
  /** Encryption at rest. */
  transformerFor?(resource: GroupResource): ValueTransformer | undefined;
  readonly options: RegistryOptions;
}

/** Server options that resources' storages read; the flags of the same names say what they mean. */
export interface RegistryOptions {
  readonly serviceClusterIPRange: string;
  readonly serviceNodePortRange: { readonly from: number; readonly to: number };
  readonly eventTTLSeconds: number;
  readonly deleteCollectionWorkers: number;
  readonly serviceAccountIssuer: string;
  readonly apiAudiences: readonly string[];
  /** Seconds; 0: no limit. */
  readonly serviceAccountMaxTokenExpiration: number;
  readonly serviceAccountExtendTokenExpiration: boolean;
}

/** `deployments`, `deployments/status`, ... of one version. */
export type VersionedResources = ReadonlyMap<string, RESTStorage>;

export interface RESTStorageProvider {
  /** '' for core. */
  readonly group: string;
  /** By version. Versions share their storages: `apps/v1` and `apps/v1beta2` deployments are the same `Store`. */
  restStorage(config: RESTStorageConfig): ReadonlyMap<string, VersionedResources>;
}
