/**
 * Resource rules of webhooks and policies
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/predicates/rules/rules.go).
 */

import type { NamedRuleWithOperations } from '../../apis/admissionregistration/v1/types.ts';
import type { GroupVersionResource } from '../../runtime/group-version.ts';
import type { AdmissionAttributes, EquivalentResource } from '../admission.ts';

/** Whether the request would match if it were for `resource`. */
type Rule = (attributes: AdmissionAttributes, resource: GroupVersionResource) => boolean;

function oneOf(values: readonly string[] | null | undefined): (value: string) => boolean {
  const allowed = new Set(values);
  return allowed.has('*') ? () => true : (value) => allowed.has(value);
}

/** Requests for a namespace have a namespace, but namespaces themselves are cluster-scoped. */
function inScope(
  scope: string | undefined,
): (attributes: AdmissionAttributes, resource: GroupVersionResource) => boolean {
  if (scope === undefined || scope === '*') return () => true;
  const namespaced = scope === 'Namespaced';
  return ({ namespace }, { group, version, resource }) => {
    const ofCluster = namespace === '' || (group === '' && version === 'v1' && resource === 'namespaces');
    return namespaced !== ofCluster;
  };
}

function compile(rule: NamedRuleWithOperations): Rule {
  const operation = oneOf(rule.operations);
  const group = oneOf(rule.apiGroups);
  const version = oneOf(rule.apiVersions);
  const scope = inScope(rule.scope);
  const name = (rule.resourceNames ?? []).length === 0 ? () => true : oneOf(rule.resourceNames);
  const resources = (rule.resources ?? []).map((path) => {
    const slash = path.indexOf('/');
    return slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
  });
  return (attributes, requested) =>
    operation(attributes.operation) &&
    group(requested.group) &&
    version(requested.version) &&
    resources.some(
      ([resource, subresource]) =>
        (resource === '*' || resource === requested.resource) &&
        (subresource === '*' || subresource === attributes.subresource),
    ) &&
    scope(attributes, requested) &&
    name(attributes.name);
}

/** Compiled rules. */
export class ResourceRules {
  readonly #rules: readonly Rule[];
  readonly #equivalent: boolean;

  /** With `matchPolicy` Equivalent, requests match in any version that serves the resource. */
  constructor(rules: readonly NamedRuleWithOperations[] | null | undefined, matchPolicy: string | undefined) {
    this.#rules = (rules ?? []).map(compile);
    this.#equivalent = matchPolicy === 'Equivalent';
  }

  get empty(): boolean {
    return this.#rules.length === 0;
  }

  /** The resource and kind that a rule matches; undefined if none does. */
  match(attributes: AdmissionAttributes): EquivalentResource | undefined {
    const { resource, kind, subresource } = attributes;
    if (this.#rules.some((rule) => rule(attributes, resource))) return { resource, kind };
    if (!this.#equivalent || this.#rules.length === 0) return undefined;
    const others = attributes.objects
      .equivalents(resource, subresource)
      .filter((other) => !isSame(other.resource, resource));
    for (const rule of this.#rules) {
      const found = others.find((other) => rule(attributes, other.resource));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function isSame(a: GroupVersionResource, b: GroupVersionResource): boolean {
  return a.resource === b.resource && a.group === b.group && a.version === b.version;
}
