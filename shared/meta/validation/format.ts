/** Common parts of validation messages (apimachinery `api/validate/content/errors.go`). */

export const EMPTY_ERROR = 'must be non-empty';

export const IS_NEGATIVE_ERROR = 'must be greater than or equal to 0';

/** For names; label keys and values use `maxBytesError`. Both count bytes. */
export const maxLenError = (max: number): string => `must be no more than ${max} characters`;

export const maxBytesError = (max: number): string => `must be no more than ${max} bytes`;

export const inclusiveRangeError = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`;

/** Upstream's format, including its double space: `message (e.g. 'a',  or 'b', regex used for validation is '...')` */
export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

/** The length in UTF-8 bytes, as in Go. */
export const byteLength = (text: string): number => Buffer.byteLength(text);
