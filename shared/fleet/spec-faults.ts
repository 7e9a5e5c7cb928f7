/** Faults in the specification of a `ControlPlane`, by field. */

import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import { type FieldError, invalid, OMITTED } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import type { ControlPlane } from './control-plane.ts';
import { readTenantArguments, type TenantChoice } from './tenant-arguments.ts';
import { configurationsOf } from './tenant-configuration.ts';
import { tenantFaults, tenantWarnings } from './tenant-faults.ts';

/** Bytes of the configurations in a spec, as JSON. */
const MAX_CONFIGURATION_BYTES = 64 * 1024;

type Spec = ControlPlane['spec'];

/** The files of a Secret may follow later: any name is valid. */
function choiceOf(spec: Spec): TenantChoice {
  return {
    arguments: spec.arguments,
    version: spec.version === KUBERNETES_RELEASE.minor ? undefined : spec.version,
    files: { configurations: configurationsOf(spec), texts: {} },
    unknownFile: spec.files && KUBECONFIG,
  };
}

export async function specFaults(spec: Spec): Promise<FieldError[]> {
  const choice = choiceOf(spec);
  const size = Buffer.byteLength(JSON.stringify(choice.files?.configurations));
  if (size > MAX_CONFIGURATION_BYTES) {
    const detail = `admission, audit, authentication and authorization have ${size} bytes, of at most ${MAX_CONFIGURATION_BYTES}`;
    return [invalid(FieldPath.of('spec'), OMITTED, detail)];
  }
  const { ofArguments, ofFields } = await tenantFaults(choice);
  const ofEach = ofArguments.map((error) => argumentError(spec.arguments, error, choice));
  return [...(await Promise.all(ofEach)), ...ofFields];
}

export const specWarnings = (spec: Spec): Promise<string[]> => tenantWarnings(choiceOf(spec));

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
