/**
 * Namespace and object selectors of webhooks and policies
 * (https://github.com/kubernetes/apiserver/tree/master/pkg/admission/plugin/webhook/predicates).
 */

import type { KubeObject } from '../../meta/kube-object.ts';
import { type Labels, labelSelectorAsSelector, type Selector } from '../../meta/labels.ts';
import { newInternalError, newNotFound } from '../../meta/status-error.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { NAMESPACES } from '../attributes.ts';
import { findNamespace } from '../namespaces.ts';

export class RequestSelectors {
  readonly #namespace: () => Selector;
  readonly #object: () => Selector;

  constructor(selectors: {
    readonly namespaceSelector?: LabelSelector | undefined;
    readonly objectSelector?: LabelSelector | undefined;
  }) {
    this.#namespace = once(selectors.namespaceSelector);
    this.#object = once(selectors.objectSelector);
  }

  /** Throws StatusError for an invalid selector or a missing namespace. */
  async matches(attributes: AdmissionAttributes, resources: ResourceAccess): Promise<boolean> {
    return this.#matchesObject(attributes) && (await this.#matchesNamespace(attributes, resources));
  }

  #matchesObject({ object, oldObject }: AdmissionAttributes): boolean {
    const selector = this.#object();
    return selector.empty() || [object, oldObject].some((one) => hasLabels(one, selector));
  }

  async #matchesNamespace(attributes: AdmissionAttributes, resources: ResourceAccess): Promise<boolean> {
    const { namespace, resource } = attributes;
    // The namespace selector doesn't apply to cluster-scoped objects other than namespaces.
    if (namespace === '' && resource.resource !== 'namespaces') return true;
    const selector = this.#namespace();
    return selector.empty() || selector.matches(await namespaceLabels(attributes, resources));
  }
}

function once(labelSelector: LabelSelector | undefined): () => Selector {
  let selector: Selector | undefined;
  return () => {
    try {
      selector ??= labelSelectorAsSelector(labelSelector);
    } catch (error) {
      throw newInternalError(error);
    }
    return selector;
  };
}

function hasLabels(object: KubeObject | undefined, selector: Selector): boolean {
  return object?.metadata !== undefined && selector.matches(object.metadata.labels ?? {});
}

/** The labels of a namespace being written come from the request, because they aren't stored yet. */
async function namespaceLabels(
  { namespace, resource, subresource, operation, object }: AdmissionAttributes,
  resources: ResourceAccess,
): Promise<Labels> {
  const written = operation === 'CREATE' || operation === 'UPDATE';
  if (written && resource.resource === 'namespaces' && subresource === '') {
    return object?.metadata.labels ?? {};
  }
  const found = await findNamespace(resources, namespace);
  if (found === undefined) throw newNotFound(NAMESPACES, namespace);
  return found.metadata.labels ?? {};
}
