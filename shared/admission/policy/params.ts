/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/generic/policy_dispatcher.go */

import type { ParamKind, ParamRef } from '../../apis/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { labelSelectorAsSelector } from '../../meta/labels.ts';
import {
  formatGroupVersionKind,
  type GroupVersionKind,
  parseGroupVersion,
} from '../../runtime/group-version.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import type { AdmissionDependencies, ResourceMapping } from '../admission.ts';

/** Without parameters the policy runs once, with `params` null. */
const NONE: readonly [undefined] = [undefined];

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
    { resource, namespaced }: ResourceMapping,
    kind: GroupVersionKind,
    { paramRef, namespace }: { readonly paramRef: ParamRef; readonly namespace: string },
  ): Promise<readonly KubeObject[]> {
    const { name, selector } = paramRef;
    const lister = this.#dependencies.resources.lister(resource);
    if (name) {
      if (selector !== undefined) {
        throw new Error('paramRef.name and paramRef.selector are mutually exclusive');
      }
      // The parameter may have just been created along with policy and binding.
      const found = (await lister.get(namespace, name)) ?? (await lister.get(namespace, name, 0));
      return found === undefined ? [] : [await this.#inVersion(found, resource, kind)];
    }
    if (selector === undefined) throw new Error('one of name or selector must be provided');
    const matching = labelSelectorAsSelector(selector);
    const all = namespaced ? await lister.list(namespace) : (await lister.snapshot()).items;
    const selected = all.filter(({ metadata }) => matching.matches(metadata.labels ?? {}));
    return Promise.all(selected.map((object) => this.#inVersion(object, resource, kind)));
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
