import type { FieldError } from '../meta/field-error.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import { newInvalid, type StatusError } from '../meta/status-error.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { RESTStrategy } from './strategy.ts';

/** The errors that apply under the current feature gates. */
export const reportedByGates = ({ featureEnabled }: RequestContext, errors: FieldError[]): FieldError[] =>
  errors.filter(
    ({ gate, unlessGate }) =>
      (gate === undefined || featureEnabled(gate)) &&
      (unlessGate === undefined || !featureEnabled(unlessGate)),
  );

/** Violations of the rules that the object's type declares. `old` is the object it replaces. */
export async function declaredErrors<T extends KubeObject>(
  { declared }: RESTStrategy<T>,
  context: RequestContext,
  object: T,
  old?: T,
): Promise<FieldError[]> {
  return declared === undefined ? [] : (await declared.load()).validate(context, declared.type, object, old);
}

/** The Status for a write of an object with these errors. */
export async function invalidObject<T extends KubeObject>(
  strategy: RESTStrategy<T>,
  { featureEnabled }: RequestContext,
  object: T,
  errors: FieldError[],
): Promise<StatusError> {
  const kind = strategy.kindOf?.(object) ?? strategy.kind;
  const distinct = strategy.repeatsErrors !== true;
  const { orderDeclaredErrors } = await import('../apis/declarative/covered-errors.ts');
  const reported = await withInternalForms(
    orderDeclaredErrors(kind, errors, {
      hasRules: strategy.declared !== undefined,
      isOn: featureEnabled('DeclarativeValidationBeta'),
    }),
  );
  return newInvalid(kind, object.metadata.name ?? '', reported, { distinct });
}

async function withInternalForms(errors: FieldError[]): Promise<FieldError[]> {
  if (!errors.some(({ internal }) => internal)) return errors;
  const { internalDifference, internalForm } = await import('../apis/internal-form.ts');
  return errors.map(({ internal, ...error }) => {
    if (internal === undefined) return error;
    const { type, difference } = internal;
    if (difference === undefined) return { ...error, badValue: internalForm(type, error.badValue) };
    return { ...error, detail: `${error.detail}\n${internalDifference(type, ...difference)}` };
  });
}
