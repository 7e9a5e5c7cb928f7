import { type FieldError, invalid } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { RequestContext } from '../../request/request-context.ts';

const GATE = 'ManifestBasedAdmissionControlConfig';
const SUFFIX = '.static.k8s.io';
const RESERVED = `names ending with "${SUFFIX}" are reserved for static manifest-based configurations and cannot be managed via the API`;

type Gates = Pick<RequestContext, 'featureEnabled'>;

const isReserved = (name: string | undefined): boolean => name?.endsWith(SUFFIX) ?? false;

/** Such names are for configuration that isn't in the API: objects of it can't be created. */
export function staticSuffixErrors(
  { featureEnabled }: Gates,
  { metadata: { name } }: KubeObject,
): FieldError[] {
  return isReserved(name) && featureEnabled(GATE)
    ? [invalid(FieldPath.of('metadata', 'name'), name, RESERVED)]
    : [];
}

/** Of an update. */
export const staticSuffixWarnings = (name: string | undefined): string[] =>
  isReserved(name) ? [`metadata.name: ${RESERVED}`] : [];

/** Of a creation: where it isn't refused. */
export const creationWarnings = ({ featureEnabled }: Gates, { metadata: { name } }: KubeObject): string[] =>
  featureEnabled(GATE) ? [] : staticSuffixWarnings(name);
