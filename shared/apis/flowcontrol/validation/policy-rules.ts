import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Label } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { NonResourcePolicyRule, ResourcePolicyRule } from '../v1/types.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const ALL = '*';
const NAMESPACE_INTRO = "each member of this list must be '*' or a DNS-1123 label; ";

const notOnlyAll = (path: FieldPath, values: readonly string[], others: string): FieldError[] =>
  values.length > 1 && values.includes(ALL)
    ? [invalid(path, values, `if '*' is present, must not specify other ${others}`)]
    : [];

function validateVerbs(verbs: readonly string[], path: FieldPath): FieldError[] {
  if (verbs.length === 0) return [required(path, 'verbs must contain at least one value')];
  if (verbs.includes(ALL)) return notOnlyAll(path, verbs, 'verbs');
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(path, verbs, VERBS)];
}

export function validateResourceRule(rule: ResourcePolicyRule, path: FieldPath): FieldError[] {
  const apiGroups = rule.apiGroups ?? [];
  const resources = rule.resources ?? [];
  const namespaces = rule.namespaces ?? [];
  const errors = validateVerbs(rule.verbs ?? [], path.child('verbs'));
  if (apiGroups.length === 0) {
    errors.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  }
  appendAll(errors, notOnlyAll(path.child('apiGroups'), apiGroups, 'api groups'));
  if (resources.length === 0) {
    errors.push(required(path.child('resources'), 'resource rules must supply at least one resource'));
  }
  appendAll(errors, notOnlyAll(path.child('resources'), resources, 'resources'));
  const namespacesPath = path.child('namespaces');
  if (namespaces.length === 0 && !rule.clusterScope) {
    const detail = 'resource rules that are not cluster scoped must supply at least one namespace';
    return [...errors, required(namespacesPath, detail)];
  }
  if (namespaces.includes(ALL)) return [...errors, ...notOnlyAll(namespacesPath, namespaces, 'namespaces')];
  return errors.concat(
    namespaces.flatMap((namespace, index) =>
      isDNS1123Label(namespace).map((message) =>
        invalid(namespacesPath.index(index), namespace, `${NAMESPACE_INTRO}${message}`),
      ),
    ),
  );
}

export function validateNonResourceRule(rule: NonResourcePolicyRule, path: FieldPath): FieldError[] {
  const urls = rule.nonResourceURLs ?? [];
  const at = path.child('nonResourceURLs');
  const errors = validateVerbs(rule.verbs ?? [], path.child('verbs'));
  if (urls.length === 0) {
    return [...errors, required(at, 'nonResourceURLs must contain at least one value')];
  }
  if (urls.includes(ALL)) return [...errors, ...notOnlyAll(at, urls, 'non-resource URLs')];
  for (const [index, url] of urls.entries()) {
    const detail = urlError(url);
    if (detail !== undefined) errors.push(invalid(at.index(index), url, detail));
  }
  return errors;
}

function urlError(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const wildcard = url.indexOf(ALL);
  const isSuffix = url.endsWith('/*') && wildcard === url.length - 1;
  return wildcard === -1 || isSuffix ? undefined : 'wildcard can only do suffix matching';
}
