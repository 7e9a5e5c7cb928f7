/** Rules for the downward API: values from fields of a pod and resources of its containers. */

import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from '../v1/types.ts';
import { quantityOf, validateQualifiedName } from './helpers.ts';

export const VOLUME_FIELD_PATHS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

export const ENV_FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

const CONVERTIBLE = new Set([
  ...VOLUME_FIELD_PATHS,
  ...ENV_FIELD_PATHS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const HUGE_PAGES = /^(requests|limits)\.hugepages-/;

const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** Splits `metadata.labels['key']` into path and key. */
function splitSubscript(fieldPath: string): { path: string; subscript: string } | undefined {
  const at = fieldPath.indexOf("['", 1);
  const isSubscript = at !== -1 && at + 2 <= fieldPath.length - 2 && fieldPath.endsWith("']");
  return isSubscript ? { path: fieldPath.slice(0, at), subscript: fieldPath.slice(at + 2, -2) } : undefined;
}

/** The error of converting a field label from the version in the selector, if any. */
function conversionError(apiVersion: string, fieldPath: string): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  const subscripted = splitSubscript(fieldPath);
  if (subscripted !== undefined) {
    const known = ['metadata.annotations', 'metadata.labels'].includes(subscripted.path);
    return known ? undefined : `field label does not support subscript: ${fieldPath}`;
  }
  return CONVERTIBLE.has(fieldPath) ? undefined : `field label not supported: ${fieldPath}`;
}

export function validateObjectFieldSelector(
  { apiVersion = '', fieldPath }: ObjectFieldSelector,
  supported: readonly string[],
  path: FieldPath,
): FieldError[] {
  if (apiVersion === '') return [required(path.child('apiVersion'), '')];
  if (!fieldPath) return [required(path.child('fieldPath'), '')];
  // The label before version 1.0.
  const label = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  const error = conversionError(apiVersion, label);
  if (error !== undefined) {
    return [invalid(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${error}`)];
  }
  const subscripted = splitSubscript(label);
  if (subscripted !== undefined) {
    const { path: map, subscript } = subscripted;
    return validateQualifiedName(map === 'metadata.annotations' ? subscript.toLowerCase() : subscript, path);
  }
  return supported.includes(label) ? [] : [notSupported(path.child('fieldPath'), label, supported)];
}

export function validateContainerResourceFieldSelector(
  selector: ResourceFieldSelector,
  path: FieldPath,
  place: 'env' | 'volume',
): FieldError[] {
  const { containerName, resource } = selector;
  const errors: FieldError[] = [];
  if (place === 'volume' && !containerName) errors.push(required(path.child('containerName'), ''));
  else if (!resource) errors.push(required(path.child('resource'), ''));
  else if (!RESOURCES.includes(resource) && !HUGE_PAGES.test(resource)) {
    errors.push(notSupported(path.child('resource'), resource, RESOURCES));
  }
  return [...errors, ...validateDivisor(selector, path)];
}

function validateDivisor({ resource, divisor }: ResourceFieldSelector, path: FieldPath): FieldError[] {
  const quantity = quantityOf(divisor);
  if (quantity.isZero) return [];
  const kind = HUGE_PAGES.test(resource) ? 'hugepages' : resource.replace(/^(limits|requests)\./, '');
  const words: Record<string, string> = {
    cpu: 'cpu',
    memory: 'memory',
    'ephemeral-storage': 'local ephemeral storage',
    hugepages: 'hugepages',
  };
  if (!Object.hasOwn(words, kind)) return [];
  const allowed = kind === 'cpu' ? ['1m', '1'] : BYTE_DIVISORS;
  if (allowed.includes(quantity.toString())) return [];
  const list = kind === 'cpu' ? '1m and 1' : BYTE_DIVISORS.join(', ');
  const detail = `only divisor's values ${list} are supported with the ${words[kind]} resource`;
  return [invalid(path.child('divisor'), resource, detail)];
}
