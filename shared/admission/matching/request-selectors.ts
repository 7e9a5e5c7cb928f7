/**
 * Which requests the selectors of a webhook or policy select
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

  /** Throws a Status: for a selector that can't be read, a namespace that isn't there. */
  async matches(attributes: AdmissionAttributes, resources: ResourceAccess): Promise<boolean> {
    return this.#matchesObject(attributes) && (await this.#matchesNamespace(attributes, resources));
  }

  #matchesObject({ object, oldObject }: AdmissionAttributes): boolean {
    const selector = this.#object();
    return selector.empty() || [object, oldObject].some((one) => hasLabels(one, selector));
  }

  async #matchesNamespace(attributes: AdmissionAttributes, resources: ResourceAccess): Promise<boolean> {
    const { namespace, resource } = attributes;
    // What belongs to the cluster is never exempt, unless it is a namespace.
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

/** Those of a namespace that is being written are in the request, for nobody else has them yet. */
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
