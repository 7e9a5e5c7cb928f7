/**
 * The API groups of a server: installation, lookup for requests, and discovery (upstream's `InstallAPIGroups`,
 * `endpoints/installer.go`).
 */

import type { AdmissionChain, EquivalentResource, ObjectInterfaces } from '../../admission/admission.ts';
import { schemeObjectInterfaces } from '../../admission/object-interfaces.ts';
import type { BuiltinResource, ResourceTable } from '../../apis/resource-table.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import type { FieldManager } from '../../meta/managedfields/field-manager.ts';
import type { RequestInfo } from '../../request/request-info.ts';
import {
  isGroupVersionKindProvider,
  isLister,
  isResetFieldsProvider,
  type RESTStorage,
} from '../../rest/rest-storage.ts';
import type { ObjectDefaulter } from '../../runtime/defaulting.ts';
import {
  formatGroupVersion,
  type GroupResource,
  type GroupVersion,
  type GroupVersionKind,
  type GroupVersionResource,
} from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import { JSONSerializer } from '../../runtime/serializer/json/json-serializer.ts';
import { schemeKinds } from '../../runtime/serializer/scheme-kinds.ts';
import { SchemeConvertor, type ShownTypes } from '../codec/object-convertor.ts';
import { APPLY_PATCH } from '../handlers/patch.ts';
import type { InstalledResource } from '../handlers/serve-resource.ts';
import { deprecationWarning } from '../resource/deprecation.ts';
import type { RequestScope } from '../resource/request-scope.ts';
import { schemeFieldManager } from '../resource/scheme-field-manager.ts';

/** Dependencies shared by all resources of a server. */
export interface ScopeDependencies {
  readonly scheme: Scheme;
  readonly defaulter: ObjectDefaulter;
  readonly codecs: CodecFactory;
  readonly admission: AdmissionChain;
  readonly authorizer: Authorizer;
  readonly minRequestTimeoutSeconds: number;
  /** Whether managedFields are maintained and server-side apply is supported. */
  readonly serverSideApply: boolean;
  /** The static facts about resources. */
  readonly table: ResourceTable;
  /** The release presented to clients: `1.37`. */
  readonly minor: string;
  /** Set if clients don't see all of the scheme's types. */
  readonly shown?: ShownTypes | undefined;
  /** Set if clients see an earlier release; requests of the server itself don't. */
  readonly emulated?: EmulatedScope | undefined;
}

/** The dependencies for serving an earlier release. `codecs` only know its types. */
export interface EmulatedScope extends ScopeDependencies {
  /** `path`: `pods`, `pods/status`. */
  isServed(gv: GroupVersion, path: string): boolean;
}

/** The types that clients see. */
export const shownScheme = ({ scheme, shown }: ScopeDependencies): Scheme => shown?.scheme ?? scheme;

export const BUILTIN_PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** Resources for whose status upstream supports no tables. */
const WITHOUT_STATUS_TABLES: ReadonlySet<string> = new Set([
  'apiservices',
  'customresourcedefinitions',
  'resourceclaims',
]);

/** Keyed by path: `deployments`, `deployments/status`. */
type InstalledVersion = ReadonlyMap<string, InstalledResource>;

export class APIGroups {
  readonly #dependencies: ScopeDependencies;
  readonly #groups = new Map<string, Map<string, InstalledVersion>>();
  readonly #objects: ObjectInterfaces;

  constructor(dependencies: ScopeDependencies) {
    this.#dependencies = dependencies;
    const { scheme, defaulter } = dependencies;
    const objects = schemeObjectInterfaces(scheme, (resource, subresource) =>
      this.equivalents(resource, subresource),
    );
    this.#objects = {
      ...objects,
      fromVersion: async (object) => {
        defaulter.applyDefaults(object);
        return objects.fromVersion(object);
      },
    };
  }

  get table(): ResourceTable {
    return this.#dependencies.table;
  }

  get codecs(): CodecFactory {
    return this.#dependencies.codecs;
  }

  /** Installs versions of a group, each with its resources. */
  install(group: string, versions: ReadonlyMap<string, ReadonlyMap<string, RESTStorage>>): void {
    const installed = this.#groups.get(group) ?? new Map<string, InstalledVersion>();
    for (const [version, resources] of versions) {
      if (resources.size > 0) installed.set(version, this.#installVersion({ group, version }, resources));
    }
    if (installed.size > 0) this.#groups.set(group, installed);
  }

  /** Groups in the order of installation. */
  groups(): readonly string[] {
    return [...this.#groups.keys()];
  }

  has(group: string): boolean {
    return this.#groups.has(group);
  }

  /** The versions of a group in descending order of preference. */
  versions(group: string): readonly string[] {
    const installed = this.#groups.get(group);
    return this.#dependencies.scheme.versions(group).filter((version) => installed?.has(version));
  }

  resources({ group, version }: GroupVersion): InstalledVersion | undefined {
    return this.#groups.get(group)?.get(version);
  }

  /** The storage of a resource in the most preferred version that has it. */
  storageOf({ group, resource }: GroupResource): RESTStorage | undefined {
    for (const version of this.versions(group)) {
      const installed = this.#groups.get(group)?.get(version)?.get(resource);
      if (installed !== undefined) return installed.storage;
    }
    return undefined;
  }

  /** Other groups and versions that serve the same objects: those whose storage is that of `resource`. */
  equivalents(resource: GroupVersionResource, subresource: string): readonly EquivalentResource[] {
    const path = subresource === '' ? resource.resource : `${resource.resource}/${subresource}`;
    const storage = this.#groups.get(resource.group)?.get(resource.version)?.get(path)?.storage;
    if (storage === undefined) return [];
    return [...this.#groups.values()].flatMap((versions) =>
      [...versions.values()].flatMap((resources) =>
        [...resources.values()]
          .filter((installed) => installed.storage === storage)
          .map(({ scope }) => ({ resource: scope.resource, kind: scope.kind })),
      ),
    );
  }

  /** The resource or subresource of a request. */
  find({ apiGroup, apiVersion, resource, subresource }: RequestInfo): InstalledResource | undefined {
    const name = subresource === '' ? resource : `${resource}/${subresource}`;
    return this.#groups.get(apiGroup)?.get(apiVersion)?.get(name);
  }

  #installVersion(gv: GroupVersion, resources: ReadonlyMap<string, RESTStorage>): InstalledVersion {
    const { table: resourceTable, minor } = this.#dependencies;
    const table = resourceTable.get(formatGroupVersion(gv))?.resources ?? {};
    const installed = new Map<string, InstalledResource>();
    for (const [path, storage] of resources) {
      const [resource, subresource = ''] = path.split('/') as [string, string?];
      const facts = table[resource];
      if (facts === undefined) throw new Error(`${formatGroupVersion(gv)} has no resource ${resource}`);
      const makeScope = () => this.#scope({ ...gv, resource }, subresource, { facts, storage });
      let scope: RequestScope | undefined;
      installed.set(path, {
        // Created on first use, because most scopes are never used.
        get scope() {
          scope ??= makeScope();
          return scope;
        },
        storage,
        deprecation: deprecationWarning(gv, facts, minor),
        removedRelease: facts.lifecycle?.removed,
      });
    }
    return installed;
  }

  #scope(
    resource: GroupVersionResource,
    subresource: string,
    { facts, storage }: { readonly facts: BuiltinResource; readonly storage: RESTStorage },
  ): RequestScope {
    const { scheme, shown, defaulter, codecs, admission, authorizer, minRequestTimeoutSeconds } =
      this.#dependencies;
    const kind = kindOf(resource, subresource, { facts, storage });
    const fieldManager = this.#fieldManager(kind, subresource, storage);
    return {
      codecs,
      convertor: new SchemeConvertor({ scheme, shown, defaulter, kind, resource: resource.resource }),
      resource,
      subresource,
      kind,
      namespaced: facts.namespaced,
      acceptsVersions: subresource === 'eviction' ? ['policy/v1', 'policy/v1beta1'] : undefined,
      admission,
      objects: this.#objects,
      authorizer,
      tableConvertor: async () => {
        const { builtinTableConvertor } = await import('../../rest/table.ts');
        return builtinTableConvertor(kind, scheme.knownType(kind).internalGroup);
      },
      hasTables:
        isLister(storage) ||
        subresource === 'scale' ||
        (subresource === 'status' && !WITHOUT_STATUS_TABLES.has(resource.resource)),
      fieldManager,
      patchTypes: fieldManager === undefined ? BUILTIN_PATCH_TYPES : [...BUILTIN_PATCH_TYPES, APPLY_PATCH],
      minRequestTimeoutSeconds,
    };
  }

  #fieldManager(kind: GroupVersionKind, subresource: string, storage: RESTStorage): FieldManager | undefined {
    if (!this.#dependencies.serverSideApply) return undefined;
    const { scheme, shown, defaulter, codecs } = this.#dependencies;
    // Merges use the stored object, so the serializer must know all types, not just the visible ones.
    const serializer = shown ? new JSONSerializer(schemeKinds(scheme)) : codecs.json.serializer;
    const resetFields = isResetFieldsProvider(storage) ? storage.resetFields() : undefined;
    return schemeFieldManager({
      scheme,
      shown: shown?.scheme,
      defaulter,
      serializer,
      kind,
      subresource,
      resetFields,
    });
  }
}

/** The objects of a subresource may be of another kind, even in another group. */
function kindOf(
  { group, version }: GroupVersion,
  subresource: string,
  { facts, storage }: { readonly facts: BuiltinResource; readonly storage: RESTStorage },
): GroupVersionKind {
  if (isGroupVersionKindProvider(storage)) return storage.groupVersionKind({ group, version });
  if (subresource === '') return { group, version, kind: facts.kind };
  const own = facts.subresources?.[subresource];
  return { group: own?.group ?? group, version: own?.version ?? version, kind: own?.kind ?? facts.kind };
}
