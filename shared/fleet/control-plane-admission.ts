/** Rejects control planes that the schema can't catch: flags that kube-apiserver would refuse. */

import type { AdmissionPlugin } from '../admission/admission.ts';
import { isWhole, operations } from '../admission/attributes.ts';
import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import { type FieldError, invalid } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import { newInvalid } from '../meta/status-error.ts';
import { equalJSON } from '../util/json-equal.ts';
import { once } from '../util/once.ts';
import { CONTROL_PLANES, type ControlPlane, DEFAULT_ARGUMENTS } from './control-plane.ts';

const NAME = 'ControlPlane';
/** Loaded lazily: only writes of ControlPlanes need the rules for flags. */
const loadArguments = once(() => import('./tenant-arguments.ts'));

function controlPlaneAdmission(): AdmissionPlugin {
  return {
    name: NAME,
    handles: operations('CREATE', 'UPDATE'),
    async validate(attributes) {
      if (!isWhole(attributes, CONTROL_PLANES.group, CONTROL_PLANES.resource)) return;
      const { spec } = attributes.object as ControlPlane;
      const former = (attributes.oldObject as ControlPlane | undefined)?.spec;
      // Values that are already stored, perhaps by an earlier release, stay valid.
      if (equalJSON(askedOf(spec), former && askedOf(former))) return;
      const errors = await argumentErrors(spec);
      if (errors.length > 0) throw newInvalid(attributes.kind, attributes.name, errors);
    },
  };
}

export const CONTROL_PLANE_ADMISSION = { [NAME]: controlPlaneAdmission };

const askedOf = ({ arguments: flags, version }: ControlPlane['spec']) => ({ flags, version });

async function argumentErrors({ arguments: given, version }: ControlPlane['spec']): Promise<FieldError[]> {
  if (version === KUBERNETES_RELEASE.minor && equalJSON(given, DEFAULT_ARGUMENTS)) return [];
  const { tenantArgumentErrors } = await loadArguments();
  const path = FieldPath.of('spec', 'arguments');
  const emulated = version === KUBERNETES_RELEASE.minor ? undefined : version;
  return (await tenantArgumentErrors(given, emulated)).map((error) => {
    const named = given.findIndex((argument) => names(error, argument));
    const at = named >= 0 ? named : given.findIndex((argument) => quotes(error, argument));
    return at < 0 ? invalid(path, given, error) : invalid(path.index(at), given[at], error);
  });
}

const quotes = (error: string, argument: string): boolean =>
  error.includes(JSON.stringify(argument.slice(argument.indexOf('=') + 1)));

/** Whether an error is about an argument, `--flag=value`: its text contains the flag's name, with or without dashes. */
function names(error: string, argument: string): boolean {
  const flag = /^--([^=]+)/.exec(argument)?.[1] ?? '';
  return new RegExp(`(^|[^-\\w])(--)?${flag}($|[^-\\w])`).test(error);
}
