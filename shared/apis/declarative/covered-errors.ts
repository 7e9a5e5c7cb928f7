/**
 * Errors of handwritten rules that upstream finds by declared ones as well: the declared error is told in place of the
 * other, in its own words and behind those that are handwritten alone (`MarkCoveredByDeclarative` in pkg/apis,
 * `ValidateDeclarativelyWithMigrationChecks` in apiserver's pkg/registry/rest/validate.go).
 */

import type { FieldError, FieldErrorType } from '../../meta/field-error.ts';
import type { GroupKind } from '../../runtime/group-version.ts';

interface Covered {
  /** Of fields, an index as `[]`. */
  readonly field: RegExp;
  readonly type: FieldErrorType;
  /** Where not every such error of the field is covered. */
  readonly says?: RegExp;
  /** What the declared rule says; without it, what the other does. */
  readonly detail?: string | ((detail: string) => string);
}

const required = (field: RegExp): Covered => ({ field, type: 'FieldValueRequired', detail: '' });
const forbidden = (field: RegExp): Covered => ({ field, type: 'FieldValueForbidden', detail: '' });
const invalid = (field: RegExp, detail?: Covered['detail']): Covered => ({
  field,
  type: 'FieldValueInvalid',
  ...(detail !== undefined && { detail }),
});
const inBytes = (detail: string): string =>
  detail.replace(/^(must be no more than \d+) characters$/, '$1 bytes');

/** Of one name for drivers, in whatever case. */
const CASELESS =
  "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'Example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const caseless = (detail: string): string =>
  detail.startsWith('a lowercase RFC 1123 subdomain') ? CASELESS : inBytes(detail);

const ROLE = [required(/^rules\[\]\.verbs$/)];
const BINDING = [required(/^roleRef\.name$/), required(/^subjects\[\]\.name$/)];
const POLICY_BINDING = [required(/^spec\.policyName$/), required(/^spec\.validationActions$/)];

/** By kind and group, in the order in which upstream's generated code goes through an object. */
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
  'RuntimeClass.node.k8s.io': [required(/^handler$/), invalid(/^handler$/, inBytes)],
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
  ],
  'HorizontalPodAutoscaler.autoscaling': [
    invalid(/^spec\.minReplicas$/),
    required(/^spec\.maxReplicas$/),
    { ...invalid(/^spec\.maxReplicas$/), says: /equal to 1$/ },
  ],
  'VolumeAttachment.storage.k8s.io': [
    required(/^spec\.attacher$/),
    invalid(/^spec\.attacher$/, caseless),
    {
      field: /^spec\.attacher$/,
      type: 'FieldValueTooLong',
      detail: (detail) => detail.replace('bytes', 'characters'),
    },
  ],
};

/** `errors` as upstream tells them of an object of this kind: handwritten ones that are not covered, then declared ones. */
export function tellDeclared(kind: GroupKind, errors: FieldError[]): FieldError[] {
  if (!errors.some(({ declared }) => declared)) return tellListed(kind, errors);
  const declared = errors.filter((error) => error.declared);
  const found = new Set(declared.map(whatAndWhere));
  const handwritten = errors.filter(
    (error) => !error.declared && !(error.covered && found.has(whatAndWhere(error))),
  );
  return [...tellListed(kind, handwritten), ...declared];
}

const whatAndWhere = ({ type, field }: FieldError): string => `${type} ${field}`;

/** Of kinds whose declared rules are the list above. */
function tellListed({ group, kind }: GroupKind, errors: FieldError[]): FieldError[] {
  const name = group === '' ? kind : `${kind}.${group}`;
  if (errors.length === 0 || !Object.hasOwn(COVERED, name)) return errors;
  const rules = COVERED[name]!;
  const places = errors.map((error) => {
    const field = error.field.replace(/\[\d+\]/g, '[]');
    return rules.findIndex(
      ({ type, field: of, says = /^/ }) => type === error.type && of.test(field) && says.test(error.detail),
    );
  });
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
