/** Rejects control planes that the schema can't catch: flags and configurations that kube-apiserver would refuse. */

import type { AdmissionPlugin } from '../admission/admission.ts';
import { isWhole, operations } from '../admission/attributes.ts';
import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import { newInvalid } from '../meta/status-error.ts';
import { equalJSON } from '../util/json-equal.ts';
import { CONTROL_PLANES, type ControlPlane, DEFAULT_ARGUMENTS } from './control-plane.ts';

const NAME = 'ControlPlane';

function controlPlaneAdmission(): AdmissionPlugin {
  return {
    name: NAME,
    handles: operations('CREATE', 'UPDATE'),
    async validate(attributes, context) {
      if (!isWhole(attributes, CONTROL_PLANES.group, CONTROL_PLANES.resource)) return;
      const { spec } = attributes.object as ControlPlane;
      const former = (attributes.oldObject as ControlPlane | undefined)?.spec;
      // Values that are already stored, perhaps by an earlier release, stay valid.
      if (equalJSON(chosenIn(spec), former && chosenIn(former))) return;
      if (equalJSON(chosenIn(spec), DEFAULT_CHOICE)) return;
      // Loaded on demand: only writes of ControlPlanes need the rules for flags.
      const { specFaults, specWarnings } = await import('./spec-faults.ts');
      const errors = await specFaults(spec);
      if (errors.length > 0) throw newInvalid(attributes.kind, attributes.name, errors);
      for (const warning of await specWarnings(spec)) context.addWarning(warning);
    },
  };
}

export const CONTROL_PLANE_ADMISSION = { [NAME]: controlPlaneAdmission };

type Spec = ControlPlane['spec'];

const chosenIn = (spec: Spec) => ({
  flags: spec.arguments,
  version: spec.version,
  configurations: [spec.admission, spec.audit, spec.authentication, spec.authorization].map(
    (one) => one ?? null,
  ),
  hasFiles: spec.files !== undefined,
});

const DEFAULT_CHOICE = chosenIn({
  version: KUBERNETES_RELEASE.minor,
  arguments: DEFAULT_ARGUMENTS,
} as Spec);
