/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/generic/policy_dispatcher.go */

import type { ParamKind, ParamRef } from '../../apis/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { labelSelectorAsSelector } from '../../meta/labels.ts';
import { isNotFound } from '../../meta/status-error.ts';
import {
  formatGroupVersionKind,
  type GroupVersionKind,
  parseGroupVersion,
} from '../../runtime/group-version.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import type { AdmissionDependencies, ResourceMapping } from '../admission.ts';

/** Without parameters the policy runs once, with `params` null. */
const NONE: readonly [undefined] = [undefined];

/** Objects of one kind, in the version that the policy names. `namespace` is '' for cluster-scoped kinds. */
interface ParamReader {
  get(namespace: string, name: string): Promise<KubeObject | undefined>;
  list(namespace: string, isSelected: (object: KubeObject) => boolean): Promise<readonly KubeObject[]>;
}

/** Finds the parameter objects of policies. */
export class ParamSource {
  readonly #dependencies: AdmissionDependencies;
  /** Objects converted to the version that a policy names, by internal object and version. */
  readonly #converted = new WeakMap<KubeObject, Map<string, KubeObject>>();

  constructor(dependencies: AdmissionDependencies) {
    this.#dependencies = dependencies;
  }

  /** Returns one element per run of the policy. Throws if the configuration is invalid. */
  async collect(
    paramKind: ParamKind | undefined,
    paramRef: ParamRef | undefined,
    requestNamespace: string,
  ): Promise<readonly (KubeObject | undefined)[]> {
    if (paramKind === undefined) return NONE;
    const kind = kindOf(paramKind);
    const mapping = await this.#dependencies.resourceFor(kind);
    if (mapping === undefined) {
      throw new Error(`failed to find resource referenced by paramKind: '${formatGroupVersionKind(kind)}'`);
    }
    if (paramRef === undefined) return NONE;
    const namespace = namespaceOf(mapping, paramRef, requestNamespace);
    const params = await this.#find(mapping, kind, { paramRef, namespace });
    if (params.length === 0 && paramRef.parameterNotFoundAction === 'Deny') {
      throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction');
    }
    return params;
  }

  async #find(
    mapping: ResourceMapping,
    kind: GroupVersionKind,
    { paramRef, namespace }: { readonly paramRef: ParamRef; readonly namespace: string },
  ): Promise<readonly KubeObject[]> {
    const { name, selector } = paramRef;
    const reader = mapping.isRemote ? this.#remote(mapping, kind) : this.#local(mapping, kind);
    if (name) {
      if (selector !== undefined) {
        throw new Error('paramRef.name and paramRef.selector are mutually exclusive');
      }
      const found = await reader.get(namespace, name);
      return found === undefined ? [] : [found];
    }
    if (selector === undefined) throw new Error('one of name or selector must be provided');
    const matching = labelSelectorAsSelector(selector);
    return reader.list(namespace, ({ metadata }) => matching.matches(metadata.labels ?? {}));
  }

  #local({ resource, namespaced }: ResourceMapping, kind: GroupVersionKind): ParamReader {
    const lister = this.#dependencies.resources.lister(resource);
    return {
      get: async (namespace, name) => {
        // The parameter may have just been created along with policy and binding.
        const found = (await lister.get(namespace, name)) ?? (await lister.get(namespace, name, 0));
        return found && this.#inVersion(found, resource, kind);
      },
      list: async (namespace, isSelected) => {
        const all = namespaced ? await lister.list(namespace) : (await lister.snapshot()).items;
        return Promise.all(all.filter(isSelected).map((object) => this.#inVersion(object, resource, kind)));
      },
    };
  }

  /** Asks the other API server each time: its changes are not observed. */
  #remote({ resource }: ResourceMapping, { version }: GroupVersionKind): ParamReader {
    const { client } = this.#dependencies.resources;
    const asked = { ...resource, version };
    return {
      async get(namespace, name) {
        try {
          return await client.get<KubeObject>(asked, { namespace, name });
        } catch (error) {
          if (isNotFound(error)) return undefined;
          throw error;
        }
      },
      list: async (namespace, isSelected) => (await client.list(asked, { namespace })).filter(isSelected),
    };
  }

  async #inVersion(
    object: KubeObject,
    resource: ResourceMapping['resource'],
    kind: GroupVersionKind,
  ): Promise<KubeObject> {
    const key = formatGroupVersionKind(kind);
    const versions = this.#converted.get(object) ?? new Map<string, KubeObject>();
    this.#converted.set(object, versions);
    const known = versions.get(key);
    if (known !== undefined) return known;
    const { scheme, resources } = this.#dependencies;
    const { namespace, name } = object.metadata;
    const converted = scheme.recognizes(kind)
      ? scheme.convert<KubeObject>(deepCopy(object), kind)
      : await resources.client.get<KubeObject>(
          { ...resource, version: kind.version },
          { namespace, name: name! },
        );
    versions.set(key, converted);
    return converted;
  }
}

function kindOf({ apiVersion = '', kind = '' }: ParamKind): GroupVersionKind {
  const groupVersion = parseGroupVersion(apiVersion);
  if (groupVersion === undefined) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
  return { ...groupVersion, kind };
}

function namespaceOf(
  { namespaced }: ResourceMapping,
  { namespace = '' }: ParamRef,
  requestNamespace: string,
): string {
  if (!namespaced) {
    if (namespace === '') return '';
    throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  if (namespace !== '') return namespace;
  if (requestNamespace !== '') return requestNamespace;
  throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
}
