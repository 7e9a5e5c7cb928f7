import { type FieldError, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';

const PART = /^[A-Za-z._0-9+][A-Za-z.\-_0-9+]{0,13}$/;
const NOT_EXPLICIT = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';

/** Whether the zone is in the runtime's IANA database. */
export function isTimeZone(name: string): boolean {
  if (name === '') return true;
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // The runtime ignores case, whereas Go reads a file of that name.
    return timeZone.toLowerCase() !== name.toLowerCase() || timeZone === name;
  } catch {
    return false;
  }
}

export function validateTimeZone(timeZone: string | undefined, path: FieldPath): FieldError[] {
  if (timeZone === undefined) return [];
  const bad = (detail: string): FieldError => invalid(path, timeZone, detail);
  if (timeZone === '') return [bad('timeZone must be nil or non-empty string')];
  const unknown = bad(`unknown time zone ${timeZone}`);
  const parts = timeZone.split('/');
  if (parts.some((part) => part === '.' || part === '..' || !PART.test(part))) return [unknown];
  const errors = timeZone.toLowerCase() === 'local' ? [bad(NOT_EXPLICIT)] : [];
  if (timeZone !== 'Local' && !isTimeZone(timeZone)) errors.push(unknown);
  return errors;
}
