/** Rules for the keys of maps and for identifiers (apimachinery `pkg/util/validation/validation.go`). */

import { byteLength, EMPTY_ERROR, maxLenError, regexError } from './format.ts';
import { DNS1123_SUBDOMAIN_MAX_LENGTH } from './names.ts';

const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';
const C_IDENTIFIER_MESSAGE =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
const C_IDENTIFIER_REGEX = new RegExp(`^${C_IDENTIFIER}$`);

const ENV_VAR_NAME = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const ENV_VAR_NAME_MESSAGE =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
const ENV_VAR_NAME_REGEX = new RegExp(`^${ENV_VAR_NAME}$`);

const RELAXED_ENV_VAR_NAME_MESSAGE =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

const CONFIG_MAP_KEY = '[-._a-zA-Z0-9]+';
const CONFIG_MAP_KEY_MESSAGE = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
const CONFIG_MAP_KEY_REGEX = new RegExp(`^${CONFIG_MAP_KEY}$`);

export function isCIdentifier(value: string): string[] {
  if (C_IDENTIFIER_REGEX.test(value)) return [];
  return [regexError(C_IDENTIFIER_MESSAGE, C_IDENTIFIER, 'my_name', 'MY_NAME', 'MyName')];
}

/** Map keys must be valid file names. */
function dotErrors(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** The rule for environment variables before it was relaxed. */
export function isEnvVarName(value: string): string[] {
  const errors = ENV_VAR_NAME_REGEX.test(value)
    ? []
    : [regexError(ENV_VAR_NAME_MESSAGE, ENV_VAR_NAME, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1')];
  return [...errors, ...dotErrors(value)];
}

export function isRelaxedEnvVarName(value: string): string[] {
  if (value === '') return [`environment variable name ${EMPTY_ERROR}`];
  return /^[ -<>-~]*$/.test(value) ? [] : [RELAXED_ENV_VAR_NAME_MESSAGE];
}

export function isConfigMapKey(value: string): string[] {
  const errors =
    byteLength(value) > DNS1123_SUBDOMAIN_MAX_LENGTH ? [maxLenError(DNS1123_SUBDOMAIN_MAX_LENGTH)] : [];
  if (!CONFIG_MAP_KEY_REGEX.test(value)) {
    errors.push(regexError(CONFIG_MAP_KEY_MESSAGE, CONFIG_MAP_KEY, 'key.name', 'KEY_NAME', 'key-name'));
  }
  return [...errors, ...dotErrors(value)];
}
