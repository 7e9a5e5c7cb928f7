import { type FieldError, invalid } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { RequestContext } from '../../request/request-context.ts';

const GATE = 'ManifestBasedAdmissionControlConfig';
const SUFFIX = '.static.k8s.io';
const RESERVED = `names ending with "${SUFFIX}" are reserved for static manifest-based configurations and cannot be managed via the API`;

type Gates = Pick<RequestContext, 'featureEnabled'>;

const isReserved = (name: string | undefined): boolean => name?.endsWith(SUFFIX) ?? false;

/** Rejects names with the suffix reserved for configuration in files. */
export function staticSuffixErrors(
  { featureEnabled }: Gates,
  { metadata: { name } }: KubeObject,
): FieldError[] {
  return isReserved(name) && featureEnabled(GATE)
    ? [invalid(FieldPath.of('metadata', 'name'), name, RESERVED)]
    : [];
}

/** Warnings for an update. */
export const staticSuffixWarnings = (name: string | undefined): string[] =>
  isReserved(name) ? [`metadata.name: ${RESERVED}`] : [];

/** Warnings for a creation, unless the gate makes them errors. */
export const creationWarnings = ({ featureEnabled }: Gates, { metadata: { name } }: KubeObject): string[] =>
  featureEnabled(GATE) ? [] : staticSuffixWarnings(name);
