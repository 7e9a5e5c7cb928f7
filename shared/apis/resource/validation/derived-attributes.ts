/**
 * Attributes that a claim derives from devices with CEL, for its constraints
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/validation/validation.go).
 */

import { SEMVER_TYPE } from '../../../cel/library/semver.ts';
import { ANY, BOOL, type CelType, DYN, INT, STRING } from '../../../cel/type.ts';
import { type FieldError, forbidden, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { DeviceClaim, DeviceDerivedAttribute } from '../v1/types.ts';
import { validateSet } from './collections.ts';
import { type DeviceRules, MAX_COST, validateDeviceExpression } from './device-selector.ts';

const UNUSED =
  'must be referenced by at least one matchAttribute or distinctAttribute constraint targeting this request';

const SCALARS = [BOOL, INT, STRING, ANY, DYN, SEMVER_TYPE];
const isScalar = (type: CelType | undefined): boolean =>
  type !== undefined && SCALARS.some((scalar) => scalar.equals(type));

/** Tracks, for one claim, the attributes its constraints require and the total cost of its expressions. */
export class DerivedAttributes {
  /** Keyed by `request` or `request/alternative`; '' for all. */
  readonly #asked = new Map<string, Set<string>>();
  readonly #rules: DeviceRules;
  #cost = 0;

  constructor({ constraints }: DeviceClaim, rules: DeviceRules) {
    this.#rules = rules;
    for (const { requests, matchAttribute, distinctAttribute } of constraints ?? []) {
      const attribute = matchAttribute ?? distinctAttribute;
      if (attribute === undefined) continue;
      for (const request of requests?.length ? requests : ['']) {
        const asked = this.#asked.get(request);
        if (asked === undefined) this.#asked.set(request, new Set([attribute]));
        else asked.add(attribute);
      }
    }
  }

  /** `request` is the attributes' request, as `request` or `request/alternative`. */
  validate(
    attributes: readonly DeviceDerivedAttribute[] | null | undefined,
    path: FieldPath,
    request: string,
  ): FieldError[] {
    const requests = ['', request, request.split('/', 1)[0]!];
    const isAsked = (name: string) => requests.some((key) => this.#asked.get(key)?.has(name));
    return validateSet(
      attributes,
      Number.POSITIVE_INFINITY,
      ({ name, expression }, at) => [
        ...(name === '' || isAsked(name) ? [] : [invalid(at.child('name'), name, UNUSED)]),
        ...this.#validateExpression(expression, at.child('expression')),
      ],
      ({ name }) => name,
      path,
    );
  }

  /** The errors of all attributes together, after each was validated. `path` is the claim's. */
  validateAll(path: FieldPath): FieldError[] {
    if (this.#cost <= MAX_COST) return [];
    const detail =
      'too complex, total cost of derived attribute CEL expressions in the claim exceeds cost limit';
    return [forbidden(path, detail)];
  }

  #validateExpression(expression: string, path: FieldPath): FieldError[] {
    if (expression === '') return [];
    const { errors, cost } = validateDeviceExpression(expression, path, {
      ...this.#rules,
      outputError: (type) => this.#outputError(type),
    });
    this.#cost += cost;
    return errors;
  }

  #outputError(type: CelType): string | undefined {
    if (isScalar(type)) return undefined;
    const { listAttributes } = this.#rules;
    if (listAttributes && type.kind === 'list' && isScalar(type.params[0])) return undefined;
    const lists = listAttributes ? ' or a list of these scalars' : '';
    return `must evaluate to a primitive scalar (string, integer, boolean, semver)${lists}, not ${type.declaredName()}`;
  }
}
