/** Named string formats (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/format.go). */

import {
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  isValidLabelValue,
  nameIsDNS1035Label,
  nameIsDNSLabel,
  nameIsDNSSubdomain,
} from '../../meta/validation/names.ts';
import { type FunctionDeclaration, fn, member } from '../declaration.ts';
import { type CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import { listType, objectType, optionalType, STRING } from '../type.ts';
import { ObjectValue, Optional, stringList, type Value } from '../value.ts';
import { parseRFC3339 } from './time.ts';
import { requestURIError } from './url.ts';

const FORMAT_TYPE = objectType('kubernetes.NamedFormat');

/** Returns the violations of a format; empty if the string is valid. */
type Validate = (text: string) => readonly string[];

class Format extends ObjectValue {
  readonly type = FORMAT_TYPE;
  readonly name: string;
  readonly validate: Validate;
  readonly #maxRegexSize: number;
  constructor(name: string, maxRegexSize: number, validate: Validate) {
    super();
    this.name = name;
    this.#maxRegexSize = maxRegexSize;
    this.validate = validate;
  }
  equals(other: Value): boolean | CelError {
    return other instanceof Format ? this.name === other.name : NO_SUCH_OVERLOAD;
  }
  override costSize(): number {
    return this.#maxRegexSize;
  }
}

function test(holds: (text: string) => boolean, message: string): Validate {
  return (text) => (holds(text) ? [] : [message]);
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATETIME = /^(\d{4}-\d\d-\d\d)[tT ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:[zZ]|[+-]\d\d:?\d\d)?$/;

const isDate = (text: string): boolean => parseRFC3339(`${text}T00:00:00Z`) !== undefined;

function isDateTime(text: string): boolean {
  const match = DATETIME.exec(text);
  return match !== null && parseRFC3339(`${match[1]}T${match[2]}Z`) !== undefined;
}

/** Length of upstream's pattern of this format. */
const UUID_PATTERN_SIZE = 93;
const DATETIME_PATTERN_SIZE = 39;

const FORMATS: Readonly<Record<string, Format>> = {
  dns1123Label: new Format('DNS1123Label', 30, (text) => isDNS1123Label(text)),
  dns1123Subdomain: new Format('DNS1123Subdomain', 60, (text) => isDNS1123Subdomain(text)),
  dns1035Label: new Format('DNS1035Label', 30, (text) => isDNS1035Label(text)),
  qualifiedName: new Format('QualifiedName', 60, isQualifiedName),
  dns1123LabelPrefix: new Format('DNS1123LabelPrefix', 30, (text) => nameIsDNSLabel(text, 'prefix')),
  dns1123SubdomainPrefix: new Format('DNS1123SubdomainPrefix', 60, (text) =>
    nameIsDNSSubdomain(text, 'prefix'),
  ),
  dns1035LabelPrefix: new Format('DNS1035LabelPrefix', 30, (text) => nameIsDNS1035Label(text, 'prefix')),
  labelValue: new Format('LabelValue', 40, isValidLabelValue),
  uri: new Format('URI', 1103, (text) => {
    const error = requestURIError(text);
    return error === undefined ? [] : [error];
  }),
  uuid: new Format(
    'uuid',
    UUID_PATTERN_SIZE,
    test((text) => UUID.test(text), 'does not match the UUID format'),
  ),
  byte: new Format(
    'byte',
    84,
    test((text) => BASE64.test(text), 'invalid base64'),
  ),
  date: new Format('date', DATETIME_PATTERN_SIZE, test(isDate, 'invalid date')),
  datetime: new Format('datetime', DATETIME_PATTERN_SIZE, test(isDateTime, 'invalid datetime')),
};

function validate(format: Format, text: string): Value {
  const errors = format.validate(text);
  return errors.length === 0 ? Optional.none : new Optional(stringList(errors));
}

function named(name: string): Value {
  return Object.hasOwn(FORMATS, name) ? new Optional(FORMATS[name]) : Optional.none;
}

export const FORMAT: readonly FunctionDeclaration[] = [
  member('validate', 'format-validate', [FORMAT_TYPE, STRING], optionalType(listType(STRING)), validate),
  fn('format.named', 'format-named', [STRING], optionalType(FORMAT_TYPE), named),
  ...Object.entries(FORMATS).map(([name, format]) =>
    fn(`format.${name}`, `format.${name}`, [], FORMAT_TYPE, () => format),
  ),
];
