/**
 * Errors of handwritten rules that upstream also finds with declared ones. The declared error replaces the handwritten
 * one, with its own text, and comes after errors that are only handwritten (`MarkCoveredByDeclarative` in pkg/apis,
 * `ValidateDeclarativelyWithMigrationChecks` in apiserver's pkg/registry/rest/validate.go).
 */

import type { FieldError, FieldErrorType } from '../../meta/field-error.ts';
import { FIELD_IMMUTABLE } from '../../meta/validation/object-meta.ts';
import type { GroupKind } from '../../runtime/group-version.ts';

interface Covered {
  /** Matches field paths, with indexes as `[]`. */
  readonly field: RegExp;
  readonly type: FieldErrorType;
  /** Set if only some errors of the field are covered. */
  readonly detailPattern?: RegExp;
  /** The text of the declared rule; defaults to the handwritten one. Only for kinds without tables of rules. */
  readonly detail?: string | ((detail: string) => string);
  /** The name of the declared rule, for kinds with tables of rules. */
  readonly origin?: string;
}

const required = (field: RegExp): Covered => ({ field, type: 'FieldValueRequired', detail: '' });
const forbidden = (field: RegExp): Covered => ({ field, type: 'FieldValueForbidden', detail: '' });
const invalid = (field: RegExp, detail?: Covered['detail']): Covered => ({
  field,
  type: 'FieldValueInvalid',
  ...(detail !== undefined && { detail }),
});
/** For kinds with tables of rules. */
const found = (field: RegExp, origin: string, type: FieldErrorType = 'FieldValueInvalid'): Covered => ({
  field,
  type,
  origin,
});
const inBytes = (detail: string): string =>
  detail.replace(/^(must be no more than \d+) characters$/, '$1 bytes');

const ROLE = [required(/^rules\[\]\.verbs$/)];
const BINDING = [required(/^roleRef\.name$/), required(/^subjects\[\]\.name$/)];
const POLICY_BINDING = [required(/^spec\.policyName$/), required(/^spec\.validationActions$/)];

/** Keyed by kind and group, in the order in which upstream's generated code traverses an object. */
const COVERED: Readonly<Record<string, readonly Covered[]>> = {
  'ClusterRole.rbac.authorization.k8s.io': ROLE,
  'Role.rbac.authorization.k8s.io': ROLE,
  'ClusterRoleBinding.rbac.authorization.k8s.io': BINDING,
  'RoleBinding.rbac.authorization.k8s.io': BINDING,
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': POLICY_BINDING,
  'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io': POLICY_BINDING,
  'EndpointSlice.discovery.k8s.io': [
    required(/^addressType$/),
    { field: /^addressType$/, type: 'FieldValueNotSupported' },
    required(/^endpoints\[\]\.addresses$/),
    { field: /^endpoints\[\]\.addresses$/, type: 'FieldValueTooMany' },
    found(/^addressType$/, 'immutable'),
  ],
  'PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io': [
    forbidden(/^spec\.limited$/),
    forbidden(/^spec\.exempt$/),
    required(/^spec\.limited$/),
    required(/^spec\.type$/),
    required(/^spec\.limited\.limitResponse\.queuing$/),
    forbidden(/^spec\.limited\.limitResponse\.queuing$/),
    required(/^spec\.limited\.limitResponse\.type$/),
  ],
  'CronJob.batch': [required(/^spec\.schedule$/)],
  'RuntimeClass.node.k8s.io': [
    required(/^handler$/),
    found(/^handler$/, 'format'),
    found(/^handler$/, 'immutable'),
  ],
  'DeviceClass.resource.k8s.io': [invalid(/^metadata\.name$/, inBytes)],
  'NetworkPolicy.networking.k8s.io': [required(/\.ipBlock\.cidr$/)],
  'IngressClass.networking.k8s.io': [
    required(/^spec\.parameters\.kind$/),
    required(/^spec\.parameters\.name$/),
  ],
  'IPAddress.networking.k8s.io': [
    required(/^spec\.parentRef$/),
    required(/^spec\.parentRef\.resource$/),
    required(/^spec\.parentRef\.name$/),
    found(/^spec\.parentRef$/, 'immutable'),
  ],
  'HorizontalPodAutoscaler.autoscaling': [
    invalid(/^spec\.minReplicas$/),
    required(/^spec\.maxReplicas$/),
    { ...invalid(/^spec\.maxReplicas$/), detailPattern: /equal to 1$/ },
  ],
  'StorageClass.storage.k8s.io': [
    required(/^provisioner$/),
    found(/^(?:parameters|provisioner|reclaimPolicy|volumeBindingMode)$/, 'immutable'),
  ],
  'VolumeAttachment.storage.k8s.io': [
    required(/^spec\.attacher$/),
    found(/^spec\.attacher$/, 'format'),
    found(/^spec\.attacher$/, 'maxLength', 'FieldValueTooLong'),
    found(/^spec$/, 'immutable'),
  ],
};

/**
 * Orders `errors` as upstream reports them for this kind: handwritten ones that aren't covered, then declared ones.
 * `hasRules` means that declared errors are included, `isOn` that errors listed here are reported as declared.
 */
export function orderDeclaredErrors(
  kind: GroupKind,
  errors: FieldError[],
  { hasRules, isOn }: { readonly hasRules: boolean; readonly isOn: boolean },
): FieldError[] {
  const declared = errors.filter((error) => error.declared);
  if (declared.length === 0) {
    return !isOn || (hasRules && !isReworded(kind)) ? errors : orderListedErrors(kind, errors);
  }
  const found = new Map<string, Set<string | undefined>>();
  for (const error of declared) {
    const key = typeAndField(error);
    found.set(key, (found.get(key) ?? new Set()).add(error.origin));
  }
  const rules = rulesOf(kind);
  const isCovered = (error: FieldError): boolean => {
    const origins = found.get(typeAndField(error));
    if (origins === undefined) return false;
    const by = error.covered ?? coverOf(error, rules);
    return by === true || (by !== undefined && origins.has(by));
  };
  return [...errors.filter((error) => !error.declared && !isCovered(error)), ...declared];
}

const typeAndField = ({ type, field }: FieldError): string => `${type} ${field}`;

/** Whether the kind has a table of rules with one handwritten exception, for its metadata. */
const isReworded = (kind: GroupKind): boolean =>
  rulesOf(kind).some(({ detail }) => typeof detail === 'function');

function rulesOf({ group, kind }: GroupKind): readonly Covered[] {
  const name = group === '' ? kind : `${kind}.${group}`;
  return Object.hasOwn(COVERED, name) ? COVERED[name]! : [];
}

function coverOf(error: FieldError, rules: readonly Covered[]): true | string | undefined {
  const rule = rules.find(
    (one) => matches(one, error) && (one.origin === undefined || isImmutability(one, error)),
  );
  return rule && (rule.origin ?? true);
}

/** Distinguishes two rules for one field with the same type of error: whether this one is about immutability. */
const isImmutability = ({ origin }: Covered, { detail }: FieldError): boolean =>
  (origin === 'immutable') === (detail === FIELD_IMMUTABLE);

function matches({ type, field: of, detailPattern = /^/ }: Covered, error: FieldError): boolean {
  return (
    type === error.type && of.test(error.field.replace(/\[\d+\]/g, '[]')) && detailPattern.test(error.detail)
  );
}

/** For kinds whose declared rules are listed above. */
function orderListedErrors(kind: GroupKind, errors: FieldError[]): FieldError[] {
  const rules = rulesOf(kind);
  if (errors.length === 0 || rules.length === 0) return errors;
  const places = errors.map((error) => rules.findIndex((rule) => matches(rule, error)));
  const handwritten = errors.filter((_, index) => places[index]! < 0);
  const declared = rules.flatMap(({ detail }, place) =>
    errors
      .filter((_, index) => places[index] === place)
      .map((error) => {
        if (detail === undefined) return error;
        return { ...error, detail: typeof detail === 'string' ? detail : detail(error.detail) };
      }),
  );
  return [...handwritten, ...declared];
}
