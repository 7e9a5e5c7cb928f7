/** Rejects control planes that the schema can't catch: flags and configurations that kube-apiserver would refuse. */

import type { AdmissionPlugin } from '../admission/admission.ts';
import { isWhole, operations } from '../admission/attributes.ts';
import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import { type FieldError, invalid, OMITTED } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import { newInvalid } from '../meta/status-error.ts';
import { equalJSON } from '../util/json-equal.ts';
import { once } from '../util/once.ts';
import { CONTROL_PLANES, type ControlPlane, DEFAULT_ARGUMENTS } from './control-plane.ts';
import type { TenantChoice } from './tenant-arguments.ts';

const NAME = 'ControlPlane';
/** Loaded lazily: only writes of ControlPlanes need the rules for flags. */
const loadRules = once(async () => ({
  ...(await import('./tenant-arguments.ts')),
  ...(await import('./tenant-faults.ts')),
  ...(await import('./tenant-configuration.ts')),
}));

/** Bytes of the configurations in a spec, as JSON. */
const MAX_CONFIGURATION_BYTES = 64 * 1024;

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
      const errors = await faultsOf(spec);
      if (errors.length > 0) throw newInvalid(attributes.kind, attributes.name, errors);
      const { tenantWarnings } = await loadRules();
      for (const warning of await tenantWarnings(await choiceOf(spec))) context.addWarning(warning);
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

/** The files of a Secret may follow later: any name is valid. */
async function choiceOf(spec: Spec): Promise<TenantChoice> {
  const { configurationsOf } = await loadRules();
  return {
    arguments: spec.arguments,
    version: spec.version === KUBERNETES_RELEASE.minor ? undefined : spec.version,
    files: { configurations: configurationsOf(spec), texts: {} },
    unknownFile: spec.files && KUBECONFIG,
  };
}

async function faultsOf(spec: Spec): Promise<FieldError[]> {
  const { tenantFaults } = await loadRules();
  const choice = await choiceOf(spec);
  const size = Buffer.byteLength(JSON.stringify(choice.files?.configurations));
  if (size > MAX_CONFIGURATION_BYTES) {
    const detail = `admission, audit, authentication and authorization have ${size} bytes, of at most ${MAX_CONFIGURATION_BYTES}`;
    return [invalid(FieldPath.of('spec'), OMITTED, detail)];
  }
  const { ofArguments, ofFields } = await tenantFaults(choice);
  const ofEach = ofArguments.map((error) => argumentError(spec.arguments, error, choice));
  return [...(await Promise.all(ofEach)), ...ofFields];
}

async function argumentError(
  given: readonly string[],
  error: string,
  choice: TenantChoice,
): Promise<FieldError> {
  const path = FieldPath.of('spec', 'arguments');
  let at = given.findIndex((argument) => names(error, argument));
  if (at < 0) at = given.findIndex((argument) => quotes(error, argument));
  if (at < 0) at = await causedBy(given, error, choice);
  return at < 0 ? invalid(path, given, error) : invalid(path.index(at), given[at], error);
}

/** Index of the argument that causes an error on its own; -1 if none does. */
async function causedBy(given: readonly string[], error: string, choice: TenantChoice): Promise<number> {
  const { readTenantArguments } = await loadRules();
  for (const [index, argument] of given.entries()) {
    const { errors } = await readTenantArguments({ ...choice, arguments: [argument] });
    if (errors.includes(error)) return index;
  }
  return -1;
}

const quotes = (error: string, argument: string): boolean =>
  error.includes(JSON.stringify(argument.slice(argument.indexOf('=') + 1)));

/** Whether an error is about an argument, `--flag=value`: its text contains the flag's name, with or without dashes. */
function names(error: string, argument: string): boolean {
  const flag = /^--([^=]+)/.exec(argument)?.[1] ?? '';
  return new RegExp(`(^|[^-\\w])(--)?${flag}($|[^-\\w])`).test(error);
}

/** A valid file in place of one that isn't known yet. */
const KUBECONFIG = JSON.stringify({
  clusters: [{ name: 'any', cluster: { server: 'https://any.invalid' } }],
  contexts: [{ name: 'any', context: { cluster: 'any' } }],
  'current-context': 'any',
});
