/** The interface that each API group implements in `registry/<group>/rest-storage.ts` to provide its resources. */

import type { TokenAuthenticator } from '../../authn/authenticator.ts';
import type { ServiceAccountTokenGenerator } from '../../authn/serviceaccount/token-generator.ts';
import type { Authorizer, RuleResolver } from '../../authz/authorizer.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { RESTStorage } from '../../rest/rest-storage.ts';
import type { GroupResource, GroupVersionResource } from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { StorageFactory, ValueTransformer } from '../../storage/storage.ts';

/** Dependencies of storages. */
export interface RESTStorageConfig {
  readonly scheme: Scheme;
  readonly storageFactory: StorageFactory;
  /** The server's own access to the API. Must not be used before the server is up. */
  readonly resources: ResourceAccess;
  /** For storages that check permissions of a caller (access reviews, RBAC escalation checks). */
  readonly authorizer?: Authorizer | undefined;
  /** For SelfSubjectRulesReview. */
  readonly ruleResolver?: RuleResolver | undefined;
  /** For TokenReview. */
  readonly tokenAuthenticator?: TokenAuthenticator | undefined;
  /** For TokenRequest; undefined without `--service-account-signing-key-file`. */
  readonly tokenGenerator?: ServiceAccountTokenGenerator | undefined;
  /** Whether `--runtime-config` enables a resource; others need not be built. */
  isResourceServed(gvr: GroupVersionResource): boolean;
  /** Encryption at rest. */
  transformerFor?(resource: GroupResource): ValueTransformer | undefined;
  readonly options: RegistryOptions;
}

/** Server options for storages, documented with the flags of the same names. */
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

/** Keyed by path: `deployments`, `deployments/status`. */
export type VersionedResources = ReadonlyMap<string, RESTStorage>;

export interface RESTStorageProvider {
  /** '' for core. */
  readonly group: string;
  /**
   * Resources by version. Versions share storages: deployments of `apps/v1` and `apps/v1beta2` are the same `Store`.
   */
  restStorage(config: RESTStorageConfig): ReadonlyMap<string, VersionedResources>;
}
