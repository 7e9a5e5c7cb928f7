/** Rules for nodes. */

import {
  duplicate,
  type FieldError,
  forbidden,
  internalFieldError,
  invalid,
  required,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isValidCIDRForLegacyField } from '../../../meta/validation/ip.ts';
import { isConfigMapKey } from '../../../meta/validation/keys.ts';
import {
  DNS1123_SUBDOMAIN_MAX_LENGTH,
  isDNS1123Label,
  isDNS1123Subdomain,
  isValidLabelValue,
} from '../../../meta/validation/names.ts';
import { validateLabelName } from '../../../meta/validation/object-meta.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import { parseCIDR } from '../../../util/ip.ts';
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource, Taint } from '../v1/types.ts';
import {
  invalidEach,
  quantityOf,
  sortedEntries,
  validatePositiveField,
  validateResourceQuantityValue,
} from './helpers.ts';
import { validateTaintEffect } from './tolerations.ts';

const METADATA = FieldPath.of('metadata');
const POD_CIDRS = FieldPath.of('spec', 'podCIDRs');
const DECLARED_FEATURES = FieldPath.of('status', 'declaredFeatures');
const TAINTS = 'scheduler.alpha.kubernetes.io/taints';
const AVOID_PODS = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

/** Upstream's internal type, which has no JSON names. */
const shownTaint = ({ key, value = '', effect, timeAdded }: Taint): object => ({
  Key: key,
  Value: value,
  Effect: effect,
  TimeAdded: timeAdded ?? null,
});

function validateTaints(taints: readonly Taint[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const { key, value = '', effect } = taint;
    const at = path.index(index);
    const errors = validateLabelName(key, at.child('key'));
    const messages = isValidLabelValue(value);
    if (messages.length > 0) errors.push(invalid(at.child('value'), value, messages.join(';')));
    appendAll(errors, validateTaintEffect(effect, at.child('effect')));
    const identity = `${effect}/${key}`;
    if (seen.has(identity)) {
      errors.push({
        ...duplicate(at, shownTaint(taint)),
        detail: 'taints must be unique by key and effect pair',
      });
    }
    seen.add(identity);
    return errors;
  });
}

/** Parses JSON in an annotation; errors are reported under the annotation's name. */
function parseAnnotation(
  text: string,
  name: string,
  path: FieldPath,
): { value?: unknown; errors: FieldError[] } {
  try {
    return { value: JSON.parse(text), errors: [] };
  } catch (error) {
    return { errors: [invalid(path, name, (error as Error).message)] };
  }
}

function validateAvoidPods(value: unknown, path: FieldPath): FieldError[] {
  const entries = (value as { preferAvoidPods?: unknown } | null)?.preferAvoidPods;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry, index) => {
    const signature = path.child(AVOID_PODS).index(index).child('PodSignature');
    const controller = entry?.podSignature?.podController;
    if (!controller) return [required(signature, '')];
    if (controller.controller) return [];
    const at = signature.child('PodController', 'Controller');
    return [invalid(at, false, 'must point to a controller')];
  });
}

function validateNodeAnnotations({ annotations }: Node['metadata']): FieldError[] {
  const path = METADATA.child('annotations');
  const errors: FieldError[] = [];
  const taints = annotations?.[TAINTS];
  if (taints) {
    const parsed = parseAnnotation(taints, TAINTS, path);
    appendAll(errors, parsed.errors);
    if (Array.isArray(parsed.value)) appendAll(errors, validateTaints(parsed.value, path.child(TAINTS)));
  }
  const avoid = annotations?.[AVOID_PODS];
  if (avoid) {
    const parsed = parseAnnotation(avoid, AVOID_PODS, path.child('AvoidPods'));
    appendAll(errors, parsed.errors, validateAvoidPods(parsed.value, path));
  }
  return errors;
}

function validateResources({ status }: Node): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((field) =>
    sortedEntries(status?.[field]).flatMap(([name, text]) =>
      validateResourceQuantityValue(name, quantityOf(text), FieldPath.of('status', field, name)),
    ),
  );
}

/** Feature names must be sorted and distinct. */
function validateDeclaredFeatures({ status }: Node): FieldError[] {
  const features = status?.declaredFeatures ?? [];
  return features.flatMap((feature, index) => {
    const at = DECLARED_FEATURES.index(index);
    const why =
      byteLength(feature) > DNS1123_SUBDOMAIN_MAX_LENGTH
        ? `must be no more than ${DNS1123_SUBDOMAIN_MAX_LENGTH} characters`
        : /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/.test(feature)
          ? undefined
          : "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
    const errors =
      why === undefined ? [] : [invalid(at, feature, `invalid feature name ${quote(feature)}: ${why}`)];
    const next = features[index + 1];
    if (next === undefined) return errors;
    const following = DECLARED_FEATURES.index(index + 1);
    if (feature === next) errors.push(duplicate(following, next));
    else if (feature > next) errors.push(invalid(following, next, 'list must be sorted alphabetically'));
    return errors;
  });
}

function validatePodCIDRs(cidrs: readonly string[]): FieldError[] {
  const errors = cidrs.flatMap((cidr, index) => isValidCIDRForLegacyField(POD_CIDRS.index(index), cidr));
  if (cidrs.length < 2) return errors;
  const families = new Set(cidrs.map((cidr) => parseCIDR(cidr)?.address.family));
  const unread = cidrs.findIndex((cidr) => parseCIDR(cidr) === undefined);
  if (unread !== -1) {
    const why = `invalid CIDR[${unread}]: <nil> (invalid CIDR address: ${cidrs[unread]})`;
    const detail = `invalid PodCIDRs. failed to check with dual stack with error:${why}`;
    errors.push(internalFieldError(POD_CIDRS, detail));
  } else if (cidrs.length === 2 && families.has(4) && families.has(6)) return errors;
  return [...errors, invalid(POD_CIDRS, cidrs, 'may specify no more than one CIDR for each IP family')];
}

export function validateNode(node: Node): FieldError[] {
  const swap = node.status?.nodeInfo?.swap?.capacity;
  return [
    ...validateNodeAnnotations(node.metadata),
    ...validateTaints(node.spec?.taints ?? [], METADATA.child('taints')),
    ...validateResources(node),
    ...(swap === undefined ? [] : validatePositiveField(swap, METADATA.child('nodeSwapStatus', 'capacity'))),
    ...validateDeclaredFeatures(node),
    ...validatePodCIDRs(node.spec?.podCIDRs ?? []),
  ];
}

function validateAddresses({ status }: Node): FieldError[] {
  const seen = new Set<string>();
  return (status?.addresses ?? []).flatMap((address, index) => {
    const key = JSON.stringify([address.type, address.address]);
    const errors = seen.has(key)
      ? [
          duplicate(FieldPath.of('status', 'addresses').index(index), {
            Type: address.type,
            Address: address.address,
          }),
        ]
      : [];
    seen.add(key);
    return errors;
  });
}

function validateUnchangedCIDRs(node: Node, old: Node): FieldError[] {
  const before = old.spec?.podCIDRs ?? [];
  const now = node.spec?.podCIDRs ?? [];
  const error = forbidden(POD_CIDRS, 'node updates may not change podCIDR except from "" to valid');
  if (before.length === 0) return [];
  if (before.length !== now.length) return [error];
  return before.flatMap((cidr, index) => (cidr === now[index] ? [] : [error]));
}

function validateConfigMapSource(
  source: ConfigMapNodeConfigSource,
  path: FieldPath,
  part: 'spec' | 'status',
): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['uid', 'resourceVersion'] as const) {
    if (part === 'status' && !source[field]) errors.push(required(path.child(field), ''));
    if (part === 'spec' && source[field])
      errors.push(forbidden(path.child(field), `${field} must not be set in spec`));
  }
  const rules = [
    ['namespace', (value: string) => isDNS1123Label(value)],
    ['name', (value: string) => isDNS1123Subdomain(value)],
    ['kubeletConfigKey', isConfigMapKey],
  ] as const;
  for (const [field, check] of rules) {
    const value = source[field];
    appendAll(
      errors,
      value ? invalidEach(path.child(field), value, check(value)) : [required(path.child(field), '')],
    );
  }
  return errors;
}

function validateConfigSource(
  source: NodeConfigSource | undefined,
  path: FieldPath,
  part: 'spec' | 'status',
): FieldError[] {
  if (!source) return [];
  if (source.configMap) return validateConfigMapSource(source.configMap, path.child('configMap'), part);
  return [invalid(path, source, 'exactly one reference subfield must be non-nil')];
}

/** Also used for updates of the status. */
export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const { spec, status } = node;
  const errors = [
    ...validateNodeAnnotations(node.metadata),
    ...validateResources(node),
    ...validateDeclaredFeatures(node),
    ...validateAddresses(node),
    ...validateUnchangedCIDRs(node, old),
  ];
  const providerID = old.spec?.providerID;
  if (providerID && providerID !== spec?.providerID) {
    const detail = `field cannot be ${spec?.providerID ? 'modified' : 'cleared'} once set`;
    errors.push(invalid('spec.providerID', null, detail));
  }
  appendAll(errors, validateConfigSource(spec?.configSource, FieldPath.of('spec', 'configSource'), 'spec'));
  for (const field of ['assigned', 'active', 'lastKnownGood'] as const) {
    appendAll(
      errors,
      validateConfigSource(status?.config?.[field], FieldPath.of('status', 'config', field), 'status'),
    );
  }
  appendAll(errors, validateTaints(spec?.taints ?? [], METADATA.child('taints')));
  if ((spec?.externalID ?? '') !== (old.spec?.externalID ?? '')) {
    errors.push(forbidden('spec.externalID', 'may not be updated'));
  }
  return errors;
}
