import { ConfigFileError } from '../runtime/config-file.ts';
import { aggregateFieldErrors, type FieldError } from './field-error.ts';

/** Fields of a configuration file are invalid. The message lists all errors, as upstream's aggregate does. */
export class ConfigFieldsError extends ConfigFileError {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(aggregateFieldErrors(errors));
    this.errors = errors;
  }
}
