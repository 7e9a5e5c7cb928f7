/**
 * Checks parameters against a template's declarations, and reports all errors, where CloudFormation reports one at a
 * time.
 */

import { readFileSync } from 'node:fs';
import { parsePlainTemplate } from '../build/plain-template.ts';

interface Declared {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly (string | number)[];
  readonly MinLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
}

export interface TemplateParameters {
  /** Values of all parameters that have one: those given and the defaults. */
  readonly values: Readonly<Record<string, string | number>>;
  /** Whether each parameter has a value. */
  readonly isWhole: boolean;
  /** One line per error; none: CloudFormation accepts the parameters, subject to the template's rules. */
  readonly errors: readonly string[];
}

/** `given`: `Name=value` each. Throws Error for a file that is no template. */
export function readTemplateParameters(file: string, given: readonly string[]): TemplateParameters {
  const template = parsePlainTemplate<{ Parameters?: Record<string, Declared> } | null>(
    readFileSync(file, 'utf8'),
  );
  const declared = template?.Parameters;
  if (declared === undefined) throw new Error(`${file} is not a template with parameters`);
  const values: Record<string, string | number> = {};
  const errors: string[] = [];
  for (const pair of given) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    if (!Object.hasOwn(declared, name)) errors.push(`the template has no parameter ${name}`);
    else if (Object.hasOwn(values, name)) errors.push(`${name}: given twice`);
    else values[name] = value;
  }
  for (const [name, declaration] of Object.entries(declared)) {
    const text = values[name] ?? declaration.Default;
    if (text === undefined) errors.push(`${name}: a value is needed`);
    else {
      values[name] = declaration.Type === 'Number' ? Number(text) : String(text);
      for (const error of valueErrors(String(text), declaration)) errors.push(`${name}: ${error}`);
    }
  }
  return { values, errors, isWhole: Object.keys(declared).every((name) => Object.hasOwn(values, name)) };
}

function valueErrors(text: string, declaration: Declared): string[] {
  const { Type, AllowedPattern, AllowedValues, MinLength = 0 } = declaration;
  const { MinValue = Number.NEGATIVE_INFINITY, MaxValue = Number.POSITIVE_INFINITY } = declaration;
  const shown = JSON.stringify(text);
  if (Type === 'Number') {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) return [`${shown} is not a number`];
    if (number < MinValue) return [`${text} is less than ${MinValue}`];
    if (number > MaxValue) return [`${text} is more than ${MaxValue}`];
  }
  if (AllowedValues !== undefined && !AllowedValues.map(String).includes(text))
    return [`${shown} is not one of ${AllowedValues.join(', ')}`];
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(text))
    return [`${shown} does not match ${AllowedPattern}`];
  return text.length < MinLength ? [`it has less than ${MinLength} characters`] : [];
}
